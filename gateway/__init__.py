"""One process per office: arrivals to visits to customers to consultants; works with the internet cut."""

__version__ = "0.1.0"
