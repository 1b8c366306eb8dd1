"""Mainstay: from a person's own records, on their own machine: what wears them down, what restores them."""

__version__ = "0.1.0"
