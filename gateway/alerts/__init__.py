"""What people are told: stored with what caused it, delivered until a page that somebody sees confirms it."""
