"""The spec: what people write, checked and typed."""
