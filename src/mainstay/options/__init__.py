"""What could be done: steps, limits, what each would lead to, and what it costs whom."""
