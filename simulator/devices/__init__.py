"""Devices that speak the real protocols on pseudo-terminals and at the broker, with faults on demand."""
