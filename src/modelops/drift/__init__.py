"""Drift: what the training rows looked like, how far new rows are from that, and whether it counts."""
