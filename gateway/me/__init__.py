"""All that one consultant's tablet shows."""
