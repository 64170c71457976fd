"""What a visitor may add to a check-in, and nobody has to: who brought them, and whom they ask for."""
