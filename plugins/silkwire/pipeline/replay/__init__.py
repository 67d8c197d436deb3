"""Rebuild the warehouse from the archive."""
