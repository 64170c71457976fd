"""Consent to recognition: given, carried to the nodes, and ended."""
