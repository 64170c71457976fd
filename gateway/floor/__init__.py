"""The manager's floor board."""
