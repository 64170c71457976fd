"""People through the doors: sums per device, line and minute."""
