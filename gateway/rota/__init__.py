"""Consultants taking turns (轮排)."""
