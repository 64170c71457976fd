"""`python -m edge_agent probe`: what is plugged in, what it says, which driver reads it, and its section."""
