"""The rows that COPY writes: values of the model as columns of the staging tables and of core."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec

from silkwire.model import (
    EntryBatchRow,
    FailedEntry,
    Identity,
    MatchedEntry,
    ParsedEntry,
    TopicDecision,
)
from silkwire.warehouse.copying import Row

DOCUMENT_COLUMNS = ("feed_key", "fetched_at", "archive_file", "archive_offset", "lost_count")
ENTRY_COLUMNS = (
    "entry_number", "feed_key", "fetched_at", "position", "copy_count",
    "identity_kind", "identity_hash", "coarser_hashes", "text_hash",
    "guid", "link", "canonical_url", "title", "summary", "body", "summary_html", "body_html",
    "authors", "categories",
    "published_at", "published_precision", "published_source", "published_raw",
    "language", "language_confidence", "image_url", "problems",
    "is_on_topic", "scores", "is_failed", "payload",
)  # fmt: skip
REASON_COLUMNS = ("entry_number", "reason_number", "expectation", "column_name", "value", "rule")
MATCH_COLUMNS = (
    "match_key", "revision_key", "topic_key", "ruleset_key", "loaded_at",
    "is_match", "score", "scope", "factors", "flags",
)  # fmt: skip
EVIDENCE_COLUMNS = (
    "match_key", "span_number",
    "field", "start_offset", "end_offset", "text", "rule", "weight",
)  # fmt: skip

_encoder = msgspec.json.Encoder()


@dataclass(frozen=True, slots=True)
class StagedDocument:
    """A document whose entries are loaded; the fields are `DOCUMENT_COLUMNS`."""

    feed_key: int
    fetched_at: datetime
    archive_file: str | None
    archive_offset: int | None
    lost_count: int = 0
    """How many entries of the document the parser could not read."""


def document_row(document: StagedDocument) -> Row:
    return tuple(getattr(document, name) for name in DOCUMENT_COLUMNS)


def entry_row(row: EntryBatchRow, matched: MatchedEntry, failed: FailedEntry | None) -> Row:
    """One entry as a row of `stage_entry`.

    Scores are set only where the entry may be off topic, the payload only where it may be
    quarantined.
    """
    identified, entry = row.identified, row.identified.entry
    is_on_topic = matched.is_on_topic
    return (
        row.entry_number,
        row.feed_key,
        _instant(row.fetched_at),
        entry.position,
        identified.copy_count,
        identified.identity.value,
        _bytes(identified.identity_hash),
        _array([_bytes(name) for name in identified.coarser_hashes]),
        _bytes(identified.text_hash),
        entry.guid,
        entry.url,
        entry.canonical_url,
        entry.title,
        entry.summary,
        entry.body,
        entry.summary_html,
        entry.body_html,
        _array(entry.authors),
        _array(entry.categories),
        _instant(entry.published_at),
        entry.published_precision,
        entry.published_source,
        entry.published_raw,
        entry.language,
        entry.language_confidence,
        entry.image_url,
        _array(entry.problems),
        is_on_topic,
        None if is_on_topic else _scores(matched),
        failed is not None,
        encode_payload(entry) if failed or identified.identity is Identity.NONE else None,
    )


# Write texts in PostgreSQL's array notation: the driver takes longer to adapt each value.


def _instant(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()


def _bytes(digits: str) -> str:
    """PostgreSQL, "bytea Hex Format"."""
    return rf"\x{digits}"


def _scores(matched: MatchedEntry) -> str:
    return _json({decision.topic: round(decision.score, 4) for decision in matched.decisions})


def _json(value: object) -> str:
    return _encoder.encode(value).decode()


def _array(texts: Sequence[str]) -> str:
    """PostgreSQL, "Array Input and Output Syntax": within quotes, quotes and backslashes escape."""
    if not texts:
        return "{}"
    quoted = [text.replace("\\", r"\\").replace('"', r"\"") for text in texts]
    return '{"' + '","'.join(quoted) + '"}'


def encode_payload(entry: ParsedEntry) -> bytes:
    """The record as ASCII JSON in bytes: jsonb refuses NUL and lone surrogates."""
    return json.dumps(msgspec.to_builtins(entry), ensure_ascii=True).encode("ascii")


def reason_rows(failed: FailedEntry) -> Iterable[Row]:
    for number, reason in enumerate(failed.reasons, start=1):
        yield (
            failed.entry_number,
            number,
            reason.expectation,
            reason.column,
            reason.value,
            reason.rule,
        )


def match_row(decision: TopicDecision) -> Row:
    """The values of the last columns of `MATCH_COLUMNS`, from the decision."""
    return (
        decision.is_match,
        decision.score,
        decision.scope,
        _json(decision.factors),
        _array(decision.flags),
    )


def evidence_rows(match_key: int, decision: TopicDecision) -> Iterable[Row]:
    for number, span in enumerate(decision.evidence, start=1):
        yield (
            match_key,
            number,
            span.field,
            span.start,
            span.end,
            span.text,
            span.rule,
            span.weight,
        )
