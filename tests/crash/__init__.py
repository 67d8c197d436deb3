"""Crash tests: kill, cut and fill up whatever a batch needs, recover, and check every promise."""
