"""Competing accounts of what is going on: what each predicts and forbids, and what the record says of it."""
