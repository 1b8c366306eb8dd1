"""Compiled kernels and solvers; no word of the domain."""
