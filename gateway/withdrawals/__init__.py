"""Asking to be forgotten, until every node has confirmed it, with a certificate."""
