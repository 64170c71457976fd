"""What consultants note down: follow-ups and sales."""
