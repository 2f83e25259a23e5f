"""Checks across fields: each rule is a pure function of a typed spec and yields findings."""
