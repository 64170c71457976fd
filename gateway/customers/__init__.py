"""Customer files (一人一档)."""
