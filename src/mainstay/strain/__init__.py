"""The strain-and-threshold model: parameters, likelihood, fit, simulate, criticise, and what it can answer."""
