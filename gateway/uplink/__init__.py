"""Facts on their way to central: an outbox in the office's own database, and the task that sends it."""
