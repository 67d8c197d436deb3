"""The values that stages pass on: frozen, serialisable as JSON lines (see `batchfiles`).

Strings that leave the parser hold Unicode scalar values only, no NUL and no lone surrogate: what
cannot be stored was replaced by U+FFFD and is named in `ParsedEntry.problems`. Instants are aware
datetimes in UTC; unknown is None.
"""

from silkwire.model.decisions import (
    Evidence,
    ExpectationResult,
    Factor,
    FailedEntry,
    MatchedEntry,
    Reason,
    TopicDecision,
)
from silkwire.model.entries import (
    ArchivedBody,
    DocumentReport,
    Enclosure,
    EntryBatchRow,
    IdentifiedEntry,
    Identity,
    ParsedDocument,
    ParsedEntry,
    ParseJob,
)
from silkwire.model.fetching import (
    ErrorClass,
    Exchange,
    FetchOutcome,
    FetchResult,
    PlannedFeed,
    Redirect,
)
from silkwire.model.reports import (
    ArticleCounts,
    BatchReport,
    EntryCounts,
    FeedCounts,
    FetchReport,
    HeldDocument,
    LoadReport,
    MatchReport,
    ParseReport,
    PlanReport,
    StepReport,
    StepReports,
    ValidateReport,
    Verdict,
)

__all__ = [
    "ArchivedBody",
    "ArticleCounts",
    "BatchReport",
    "DocumentReport",
    "Enclosure",
    "EntryBatchRow",
    "EntryCounts",
    "ErrorClass",
    "Evidence",
    "Exchange",
    "ExpectationResult",
    "Factor",
    "FailedEntry",
    "FeedCounts",
    "FetchOutcome",
    "FetchReport",
    "FetchResult",
    "HeldDocument",
    "IdentifiedEntry",
    "Identity",
    "LoadReport",
    "MatchReport",
    "MatchedEntry",
    "ParseJob",
    "ParseReport",
    "ParsedDocument",
    "ParsedEntry",
    "PlanReport",
    "PlannedFeed",
    "Reason",
    "Redirect",
    "StepReport",
    "StepReports",
    "TopicDecision",
    "ValidateReport",
    "Verdict",
]
