"""The page: one quiet place to look, on this machine only."""
