"""Recognition at the kiosk, after the ticket and only when wanted: consent, guardian, three pictures, done."""
