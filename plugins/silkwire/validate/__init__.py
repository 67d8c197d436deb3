"""Validate: Great Expectations checks every entry, and every batch gets a verdict."""

from silkwire.validate.batch import CountedDocument
from silkwire.validate.documents import HOLDING_CHECKS, Hold, validate_documents
from silkwire.validate.engine.process import prepare_validator, start_validator
from silkwire.validate.entries import Validation, validate_entries
from silkwire.validate.suites.batch import Limits
from silkwire.validate.verdict import decide_verdict

__all__ = [
    "HOLDING_CHECKS",
    "CountedDocument",
    "Hold",
    "Limits",
    "Validation",
    "decide_verdict",
    "prepare_validator",
    "start_validator",
    "validate_documents",
    "validate_entries",
]
