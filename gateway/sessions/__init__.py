"""People signing in with staff number and PIN."""
