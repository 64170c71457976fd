"""Verdicts (判客): who brought a visit, and whose customer it is."""
