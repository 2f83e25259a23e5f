"""Judges a candidate: metrics with intervals, slices, fairness, the comparison with the champion, gates."""
