"""Chains of stages: what a verb does from its first record to its last."""
