"""Fill the staging tables by COPY, streaming: a batch is never whole in memory."""

import json
from collections.abc import Iterable, Sequence
from typing import Any, cast

import msgspec
import psycopg
from psycopg import sql
from sqlalchemy import Connection

from silkwire.model import (
    DocumentReport,
    EntryBatchRow,
    FailedEntry,
    Identity,
    MatchedEntry,
    ParsedEntry,
    TopicDecision,
)

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
MATCH_COLUMNS = ("entry_number", "topic", "is_match", "score", "scope", "factors", "flags")
EVIDENCE_COLUMNS = (
    "entry_number", "topic", "span_number",
    "field", "start_offset", "end_offset", "text", "rule", "weight",
)  # fmt: skip

Row = Sequence[Any]


def copy_rows(conn: Connection, table: str, columns: Sequence[str], rows: Iterable[Row]) -> None:
    """COPY `rows` into the staging table `table`."""
    driver = cast("psycopg.Connection[Any]", conn.connection.driver_connection)
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    with driver.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)


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
        [bytes.fromhex(name) for name in named.coarser_hashes],
        bytes.fromhex(named.text_hash),
        entry.guid,
        entry.url,
        entry.canonical_url,
        entry.title,
        entry.summary,
        entry.body,
        entry.summary_html,
        entry.body_html,
        list(entry.authors),
        list(entry.categories),
        entry.published_at,
        entry.published_precision,
        entry.published_source,
        entry.published_raw,
        entry.language,
        entry.language_confidence,
        entry.image_url,
        list(entry.problems),
        json.dumps({decision.topic: round(decision.score, 4) for decision in matched.decisions}),
        any(decision.is_match for decision in matched.decisions),
        failed is not None,
        encode_payload(entry) if failed or named.identity is Identity.NONE else None,
    )


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


def match_row(entry_number: int, decision: TopicDecision) -> Row:
    factors = json.dumps([msgspec.to_builtins(factor) for factor in decision.factors])
    return (
        entry_number,
        decision.topic,
        decision.is_match,
        decision.score,
        decision.scope,
        factors,
        list(decision.flags),
    )


def evidence_rows(entry_number: int, decision: TopicDecision) -> Iterable[Row]:
    for number, span in enumerate(decision.evidence, start=1):
        yield (
            entry_number,
            decision.topic,
            number,
            span.field,
            span.start,
            span.end,
            span.text,
            span.rule,
            span.weight,
        )
