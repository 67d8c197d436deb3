"""Held batches: found, shown to a reviewer, released or rejected."""
