"""Real programs, started as a user starts them, for the end-to-end, fault and speed tests."""
