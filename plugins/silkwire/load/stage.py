"""The rows of the staging tables: what each value of the model is there."""

import json
from collections.abc import Iterable, Sequence

import msgspec

from silkwire.model import (
    DocumentReport,
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
    "scores", "is_on_topic", "is_failed", "payload",
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


def document_row(document: DocumentReport) -> Row:
    return (
        document.feed_key,
        document.fetched_at,
        document.archive_file,
        document.archive_offset,
        document.lost_count,
    )


def entry_row(row: EntryBatchRow, matched: MatchedEntry, failed: FailedEntry | None) -> Row:
    """The staged form of one entry; only one that may be quarantined carries its payload."""
    named, entry = row.identified, row.identified.entry
    return (
        row.entry_number,
        row.feed_key,
        row.fetched_at,
        entry.position,
        named.copy_count,
        named.identity.value,
        bytes.fromhex(named.identity_hash),
        _array([rf"\x{name}" for name in named.coarser_hashes]),
        bytes.fromhex(named.text_hash),
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
        entry.published_at,
        entry.published_precision,
        entry.published_source,
        entry.published_raw,
        entry.language,
        entry.language_confidence,
        entry.image_url,
        _array(entry.problems),
        _json({decision.topic: round(decision.score, 4) for decision in matched.decisions}),
        matched.is_on_topic,
        failed is not None,
        encode_payload(entry) if failed or named.identity is Identity.NONE else None,
    )


def _json(value: object) -> str:
    return _encoder.encode(value).decode()


def _array(texts: Sequence[str]) -> str:
    """A PostgreSQL array as text: quicker than the driver's, since nearly all are empty.

    PostgreSQL, "Array Input and Output Syntax": quotes and backslashes within quotes are escaped.
    """
    if not texts:
        return "{}"
    quoted = (text.replace("\\", r"\\").replace('"', r"\"") for text in texts)
    return "{" + ",".join(f'"{text}"' for text in quoted) + "}"


def encode_payload(entry: ParsedEntry) -> bytes:
    """The record as ASCII JSON in bytes: jsonb refuses what quarantine exists for."""
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
    """The part of a match's row that the decision alone tells."""
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
