"""What goes with what, what restores, and what those things share."""
