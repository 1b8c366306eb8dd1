"""Many people: the same analysis for each, on one machine or a cluster. In goes what consent covers, out a table."""
