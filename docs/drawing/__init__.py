"""The figures of the explanation pages, one module for what belongs together."""
