"""Every screen a person touches: visitor kiosk, consultant tablet, floor board, console. No privileges of its own."""

__version__ = "0.1.0"
