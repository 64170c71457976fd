"""Devices by versioned snapshot: validated, limited, tried, and taken back when they fail."""
