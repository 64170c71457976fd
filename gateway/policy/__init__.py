"""The rules of the house, as versioned data."""

from gateway.policy.domain import PolicyConfig

__all__ = ["PolicyConfig"]
