"""Mainstay: find out, from a person's own records and on their own machine, what wears them down and what restores them."""

__version__ = "0.1.0"
