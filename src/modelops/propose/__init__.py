"""Retrain proposals: what to do with the evidence, and the pull request that shows it."""
