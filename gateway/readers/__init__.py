"""Readers on serial lines beside a screen: codes and identity cards, kept for a moment and in memory alone."""
