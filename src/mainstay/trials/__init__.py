"""Trials: one thing is tried, properly, on one person (S21, S22)."""
