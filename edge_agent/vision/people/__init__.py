"""Counting people who cross lines, anonymously: boxes and how they move, nothing of how anybody looks."""
