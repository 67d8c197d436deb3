"""Validate: every record judged by Great Expectations, and a verdict on the batch."""

from silkwire.validate.engine.process import prepare, start_judge
from silkwire.validate.entries import Validation, validate_entries
from silkwire.validate.suites.batch import Limits, judge_feeds
from silkwire.validate.verdict import decide_verdict

__all__ = [
    "Limits",
    "Validation",
    "decide_verdict",
    "judge_feeds",
    "prepare",
    "start_judge",
    "validate_entries",
]
