"""Rows of `ops.quarantine`: entries that failed validation, and what was decided on each."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, text

from silkwire.model import Reason
from silkwire.warehouse.tables.sources import EntrySource

OPEN = "open"
RELEASED = "released"
REJECTED = "rejected"
RETRY = "retry"
"""The reviewer of records that passed when they were retried."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QuarantinedRecord(EntrySource):
    """One record, and the document that showed it first."""

    quarantine_key: int
    fingerprint: bytes
    payload: bytes
    """ASCII JSON: a `ParsedEntry`, or `{"lost_number": n}` where the parser lost the entry."""
    status: str
    reviewer: str | None
    decided_at: datetime | None


def read_records(conn: Connection, keys: Sequence[int]) -> tuple[QuarantinedRecord, ...]:
    """The records with these keys; keys without a record are ignored."""
    rows = conn.execute(text(f"{_RECORD} WHERE quarantine_key = ANY(:keys) {_BY_KEY}"), _keys(keys))
    return tuple(map(_record, rows))


def read_seen(
    conn: Connection, feed_urls: Sequence[str], fetched_at: Sequence[datetime]
) -> tuple[QuarantinedRecord, ...]:
    """Records that one of these fetches showed first; the two lists are parallel."""
    rows = conn.execute(text(_SEEN), {"urls": list(feed_urls), "times": list(fetched_at)})
    return tuple(map(_record, rows))


def find_keys(
    conn: Connection, feed_keys: Sequence[int], fingerprints: Sequence[bytes]
) -> list[int]:
    """Keys of the open records with these pairs of feed and fingerprint, given in parallel."""
    values = {"feeds": list(feed_keys), "prints": list(fingerprints)}
    return list(conn.execute(text(_FIND), values).scalars())


def find_open(conn: Connection, *, reason: str | None) -> tuple[int, int]:
    """The number of open records and their last key; with `reason`, of those that fail it."""
    row = conn.execute(
        text(f"SELECT count(*), coalesce(max(record.quarantine_key), 0) {_OPEN}"),
        {"reason": reason},
    ).one()
    return row[0], row[1]


def read_open_keys(
    conn: Connection, *, reason: str | None, after: int, until: int, limit: int
) -> list[int]:
    """The keys of the next open records, in ascending order."""
    values = {"reason": reason, "after": after, "until": until, "limit": limit}
    return list(conn.execute(text(_NEXT), values).scalars())


def find_unknown(
    conn: Connection, feed_key: int, identities: Sequence[bytes], fingerprints: Sequence[bytes]
) -> set[int]:
    """Indexes into these parallel lists of entries that this feed is not known to have shown."""
    values = {"feed": feed_key, "identities": list(identities), "prints": list(fingerprints)}
    return set(conn.execute(text(_UNKNOWN), values).scalars())


def refresh_record(
    conn: Connection,
    quarantine_key: int,
    *,
    fingerprint: bytes,
    title: str | None,
    entry_url: str | None,
    payload: bytes,
) -> None:
    """Store the record as today's parser reads it.

    Does nothing if the feed has shown this new form since: then another row holds it.
    """
    values = {"key": quarantine_key, "print": fingerprint, "payload": payload}
    conn.execute(text(_REFRESH), {**values, "title": title, "url": entry_url})


def lock_records(conn: Connection, keys: Sequence[int]) -> tuple[QuarantinedRecord, ...]:
    """As `read_records`, and lock the records until the transaction ends."""
    conn.execute(text(_LOCK), _keys(keys))
    return read_records(conn, keys)


def sign_records(
    conn: Connection, keys: Sequence[int], *, status: str, reviewer: str, now: datetime
) -> None:
    """Decide on open records that the caller has locked."""
    signed = {"status": status, "reviewer": reviewer, "now": now}
    conn.execute(text(_SIGN), {**signed, **_keys(keys)})


def replace_reasons(conn: Connection, reasons: Iterable[tuple[int, Sequence[Reason]]]) -> None:
    """Replace the reasons of records; `reasons` is by record key."""
    found = list(reasons)
    conn.execute(text(_FORGET_REASONS), _keys([key for key, _ in found]))
    rows = [
        {
            "key": key,
            "number": number,
            "expectation": reason.expectation,
            "column": reason.column,
            "value": reason.value,
            "rule": reason.rule,
        }
        for key, those in found
        for number, reason in enumerate(those, start=1)
    ]
    if rows:
        conn.execute(text(_ADD_REASON), rows)


def _keys(keys: Sequence[int]) -> dict[str, Any]:
    return {"keys": sorted(keys)}


def _record(row: "Row[Any]") -> QuarantinedRecord:
    values = row._asdict()
    values["fingerprint"], values["payload"] = bytes(row.fingerprint), bytes(row.payload)
    values["feed_topics"] = tuple(row.feed_topics)
    return QuarantinedRecord(**values)


_RECORD = """
SELECT
    record.quarantine_key, record.feed_key, feed.feed_url, record.fingerprint,
    record.fetched_at, record.last_seen_at, record.archive_file, record.archive_offset,
    record.payload, record.status, record.reviewer, record.decided_at,
    coalesce(attempt.document_url, feed.fetch_url) AS document_url,
    feed.language AS feed_language, feed.topics AS feed_topics, feed.urls_repeat AS is_urls_repeat,
    feed.guids_repeat AS is_guids_repeat
FROM ops.quarantine AS record
INNER JOIN ops.feed AS feed USING (feed_key)
LEFT JOIN LATERAL (
    SELECT coalesce(attempt.final_url, attempt.fetch_url) AS document_url
    FROM ops.fetch AS attempt
    WHERE attempt.feed_key = record.feed_key AND attempt.started_at = record.fetched_at
    LIMIT 1
) AS attempt ON TRUE
"""

_BY_KEY = "ORDER BY record.quarantine_key"

_SEEN = f"""{_RECORD}
WHERE (feed.feed_url, record.fetched_at) IN (
    SELECT * FROM unnest(CAST(:urls AS text[]), CAST(:times AS timestamptz[]))
) {_BY_KEY}
"""  # noqa: S608 - only our own constants

# Every transaction locks records in the order of their keys: other orders could deadlock.
_LOCK = """
SELECT FROM ops.quarantine WHERE quarantine_key = ANY(:keys) ORDER BY quarantine_key FOR UPDATE
"""

_SIGN = """
UPDATE ops.quarantine SET status = :status, reviewer = :reviewer, decided_at = :now
WHERE quarantine_key = ANY(:keys)
"""

_OPEN = """
FROM ops.quarantine AS record
WHERE record.status = 'open' AND (
    CAST(:reason AS text) IS NULL OR EXISTS (
        SELECT FROM ops.quarantine_reason AS failed
        WHERE failed.quarantine_key = record.quarantine_key AND failed.expectation = :reason
    )
)
"""

_NEXT = f"""
SELECT record.quarantine_key {_OPEN}
    AND record.quarantine_key > :after AND record.quarantine_key <= :until
ORDER BY record.quarantine_key LIMIT :limit
"""

_FIND = """
SELECT record.quarantine_key
FROM ops.quarantine AS record
INNER JOIN unnest(CAST(:feeds AS bigint[]), CAST(:prints AS bytea[]))
    AS given (feed_key, fingerprint) USING (feed_key, fingerprint)
WHERE record.status = 'open'
"""

_UNKNOWN = """
SELECT given.place - 1
FROM unnest(CAST(:identities AS bytea[]), CAST(:prints AS bytea[])) WITH ORDINALITY
    AS given (identity_hash, fingerprint, place)
WHERE NOT EXISTS (
    SELECT FROM core.fact_article AS article
    INNER JOIN core.fact_sighting AS sighting USING (article_key)
    WHERE article.identity_hash = given.identity_hash AND sighting.feed_key = :feed
) AND NOT EXISTS (
    SELECT FROM ops.off_topic AS other
    WHERE other.feed_key = :feed AND other.identity_hash = given.identity_hash
) AND NOT EXISTS (
    SELECT FROM ops.quarantine AS record
    WHERE record.feed_key = :feed AND record.fingerprint = given.fingerprint
)
"""

_REFRESH = """
UPDATE ops.quarantine AS record
SET fingerprint = :print, title = :title, entry_url = :url, payload = :payload
WHERE record.quarantine_key = :key AND NOT EXISTS (
    SELECT FROM ops.quarantine AS other
    WHERE other.feed_key = record.feed_key AND other.fingerprint = :print
        AND other.quarantine_key <> record.quarantine_key
)
"""

_FORGET_REASONS = "DELETE FROM ops.quarantine_reason WHERE quarantine_key = ANY(:keys)"

_ADD_REASON = """
INSERT INTO ops.quarantine_reason (
    quarantine_key, reason_number, expectation, column_name, value, rule
) VALUES (:key, :number, :expectation, :column, :value, :rule)
"""
