"""Bookings (预约): a visit announced by name and number, and the code that makes it an express check-in."""
