"""Clients of the programs the screens read from; each call carries the token of a device or a signed-in person."""
