"""Visits (到访), from the door to the door."""
