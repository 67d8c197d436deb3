"""The `entry` suite, from `entry.yaml`: what every entry must satisfy, and why."""

from silkwire.validate.suites.checks import make_checks, read_suite

_SUITE = read_suite("entry")
ENTRY_SUITE = make_checks(_SUITE["entry"])
KEY_SUITE = make_checks(_SUITE["keys"])
"""Validated over the keys of the whole batch."""
