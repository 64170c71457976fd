"""Text messages: codes that prove a phone number."""
