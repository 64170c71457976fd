"""Messages that could not be taken: kept encrypted with their reason, listed, expired."""
