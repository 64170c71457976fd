"""Offers: a visit shown to a consultant, until it is accepted, declined or lost."""
