"""The rules of the house, as versioned data."""

from contracts.policy import PolicyConfig

__all__ = ["PolicyConfig"]
