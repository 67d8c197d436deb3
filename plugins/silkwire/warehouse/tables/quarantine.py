"""Rows of `ops.quarantine`: entries that failed validation, and what was decided on each."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from silkwire.model import Reason
from silkwire.warehouse.statements import read_statements
from silkwire.warehouse.tables.sources import EntrySource

_SQL = read_statements(__file__)

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


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordFilter:
    """Which open records are chosen: those that meet all that is given."""

    keys: tuple[int, ...] | None = None
    reason: str | None = None
    """The name of an expectation that they fail."""
    feed_url: str | None = None
    outlet: str | None = None
    title_has: str | None = None
    """Words in their title, in any case."""


def choose_open(conn: Connection, chosen: RecordFilter) -> list[int]:
    """The keys of the open records that meet the filter, in ascending order."""
    keys = None if chosen.keys is None else list(chosen.keys)
    values = {**asdict(chosen), "keys": keys}
    return list(conn.execute(_SQL["choose"], values).scalars())


def count_by_reason(conn: Connection, keys: Sequence[int] | None = None) -> dict[str, int]:
    """How many open records, or of those with these keys, fail each expectation; most first."""
    return _count(conn, "by_reason", keys)


def count_by_feed(conn: Connection, keys: Sequence[int] | None = None) -> dict[str, int]:
    """How many open records, or of those with these keys, are of each feed's url; most first."""
    return _count(conn, "by_feed", keys)


def _count(conn: Connection, statement: str, keys: Sequence[int] | None) -> dict[str, int]:
    values = {"keys": None if keys is None else list(keys)}
    return {row.name: row.record_count for row in conn.execute(_SQL[statement], values)}


def read_records(conn: Connection, keys: Sequence[int]) -> tuple[QuarantinedRecord, ...]:
    """The records with these keys; keys without a record are left out."""
    rows = conn.execute(_SQL["records"], _keys(keys))
    return tuple(map(_record, rows))


def read_seen(
    conn: Connection, feed_urls: Sequence[str], fetched_at: Sequence[datetime]
) -> tuple[QuarantinedRecord, ...]:
    """The records that these fetches brought first. The lists give feed and time of each fetch."""
    values = {"urls": list(feed_urls), "times": list(fetched_at)}
    return read_records(conn, conn.execute(_SQL["seen"], values).scalars().all())


def find_keys(
    conn: Connection, feed_keys: Sequence[int], fingerprints: Sequence[bytes]
) -> list[int]:
    """Keys of the open records with these pairs of feed and fingerprint, given in parallel."""
    values = {"feeds": list(feed_keys), "prints": list(fingerprints)}
    return list(conn.execute(_SQL["find"], values).scalars())


def find_open(conn: Connection, *, reason: str | None) -> tuple[int, int]:
    """The number of open records, and their last key. With `reason`, count those that fail it."""
    row = conn.execute(_SQL["count_open"], {"reason": reason}).one()
    return row[0], row[1]


def read_open_keys(
    conn: Connection, *, reason: str | None, after: int, until: int, limit: int
) -> list[int]:
    """The keys of the next open records, in ascending order."""
    values = {"reason": reason, "after": after, "until": until, "limit": limit}
    return list(conn.execute(_SQL["next"], values).scalars())


def find_unknown(
    conn: Connection, feed_key: int, identities: Sequence[bytes], fingerprints: Sequence[bytes]
) -> set[int]:
    """Indexes, in these parallel lists, of the entries that the feed is not known to have shown."""
    values = {"feed": feed_key, "identities": list(identities), "prints": list(fingerprints)}
    return set(conn.execute(_SQL["unknown"], values).scalars())


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
    conn.execute(_SQL["refresh"], {**values, "title": title, "url": entry_url})


def lock_records(conn: Connection, keys: Sequence[int]) -> tuple[QuarantinedRecord, ...]:
    """Like `read_records`, but nobody else can decide on the records until the transaction ends."""
    conn.execute(_SQL["lock"], _keys(keys))
    return read_records(conn, keys)


def sign_records(
    conn: Connection, keys: Sequence[int], *, status: str, reviewer: str, now: datetime
) -> None:
    """Decide on open records that the caller has locked."""
    signed = {"status": status, "reviewer": reviewer, "now": now}
    conn.execute(_SQL["sign"], {**signed, **_keys(keys)})


def read_reasons(
    conn: Connection, keys: Sequence[int], expectations: Sequence[str]
) -> dict[int, tuple[Reason, ...]]:
    """By record key, the reasons that are about these expectations."""
    found: dict[int, tuple[Reason, ...]] = {}
    for row in conn.execute(_SQL["reasons"], {**_keys(keys), "expectations": list(expectations)}):
        found[row.quarantine_key] = (*found.get(row.quarantine_key, ()), Reason(*row[1:]))
    return found


def replace_reasons(conn: Connection, reasons: Iterable[tuple[int, Sequence[Reason]]]) -> None:
    """Replace the reasons of records; `reasons` is by record key."""
    found = list(reasons)
    conn.execute(_SQL["forget_reasons"], _keys([key for key, _ in found]))
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
        conn.execute(_SQL["add_reason"], rows)


def _keys(keys: Sequence[int]) -> dict[str, Any]:
    return {"keys": sorted(keys)}


def _record(row: "Row[Any]") -> QuarantinedRecord:
    values = row._asdict()
    values["fingerprint"], values["payload"] = bytes(row.fingerprint), bytes(row.payload)
    values["feed_topics"] = tuple(row.feed_topics)
    return QuarantinedRecord(**values)
