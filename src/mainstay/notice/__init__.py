"""Noticing: what changes in one person's records, compared with that person's own past only."""
