"""Ticket numbers and the calling panel (叫号屏)."""
