"""Simulated people with a known truth, labelled so."""
