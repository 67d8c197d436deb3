"""Validate: every record judged by Great Expectations, and a verdict on the batch."""

from silkwire.validate.entries import Validation, validate_entries
from silkwire.validate.verdict import decide_verdict

__all__ = ["Validation", "decide_verdict", "validate_entries"]
