"""Devices and people that speak the real protocols, and the office-in-a-box that runs everything on one machine.

It imports `contracts` only: what it does to a program it does with bytes, broker messages and HTTP, as an outsider.
"""
