"""Copies of the office's database off this machine, and a new machine made from one of them."""
