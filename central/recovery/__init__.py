"""What central can give back to an office that lost its database."""
