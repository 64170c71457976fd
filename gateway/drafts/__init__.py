"""Check-ins being typed at a kiosk."""
