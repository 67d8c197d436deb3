"""Validate: every record judged by Great Expectations, and a verdict on the batch."""

from silkwire.validate.entries import Validation, validate_entries

__all__ = ["Validation", "validate_entries"]
