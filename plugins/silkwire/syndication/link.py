"""Link the new articles of a batch with those that carry the same text, within a window of time.

Runs in the transaction of the load, after its rows: a kill in between loses both or neither, and
the load's lock keeps two batches apart. The first text of an article decides and is compared once;
later revisions change nothing, so a replay finds the same groups (docs/design/copies.md).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, text

from silkwire.syndication import statements as sql
from silkwire.syndication.groups import Member, find_origins
from silkwire.syndication.neighbours import Neighbours
from silkwire.syndication.sketch import list_bands
from silkwire.warehouse.copying import copy_rows

BAND_CANDIDATES = 25
"""Articles of one band that an article is compared with, the first seen first: what everybody
repeats must not cost the square of it."""
_LOCK = 0x51_1C_02
_LEAD_CHARACTERS = 2_000


@dataclass(frozen=True, slots=True)
class Linked:
    """What was linked: new articles, pairs that were compared, and links that were written."""

    articles: int = 0
    candidates: int = 0
    links: int = 0


def link_copies(conn: Connection, batch_id: str, *, window: timedelta, now: datetime) -> Linked:
    """Link the articles that `batch_id` inserted, in the caller's transaction; once or often."""
    conn.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    rows = conn.execute(sql.NEW_TEXTS, {"batch_id": batch_id, "length": _LEAD_CHARACTERS}).all()
    return _link(conn, rows, window, now)


def relink_copies(
    conn: Connection, article_keys: Sequence[int], *, window: timedelta, now: datetime
) -> Linked:
    """Link articles anew whose first text is another than it was: pass all of their groups."""
    keys = list(article_keys)
    conn.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    conn.execute(sql.REPLACE, {"keys": keys, "now": now})
    conn.execute(sql.FORGET, {"keys": keys})
    rows = conn.execute(sql.OLD_TEXTS, {"keys": keys, "length": _LEAD_CHARACTERS}).all()
    return _link(conn, rows, window, now)


def _link(conn: Connection, rows: Sequence[Row[Any]], window: timedelta, now: datetime) -> Linked:
    if not rows or not window:
        return Linked(articles=len(rows))
    texts = Neighbours(rows)
    _keep_bands(conn, rows, texts)
    candidates = [
        (one, other)
        for one, other in conn.execute(sql.CANDIDATES, {"window": window, "cap": BAND_CANDIDATES})
    ]
    conn.execute(text("DROP TABLE new_band"))
    texts.join(candidates)
    _read_missing(conn, texts, {key for pair in candidates for key in pair})
    pairs = [
        (one, other)
        for one, other in candidates
        # A band may outlive its article: it is derived, and nothing refers to it.
        if {one, other} <= texts.readings.keys() and texts.compare(one, other).is_copy
    ]
    links = _write_links(conn, pairs, texts, now) if pairs else 0
    # By the batch's own time: a replay loads months of it within minutes.
    latest = max(row.first_seen_at for row in rows)
    conn.execute(sql.PRUNE, {"before": latest - 2 * window})
    return Linked(len(rows), len(candidates), links)


def _keep_bands(conn: Connection, rows: Sequence[Row[Any]], texts: Neighbours) -> None:
    bands = list_bands([texts.readings[row.article_key] for row in rows])
    conn.execute(sql.STAGE)
    copy_rows(
        conn,
        "new_band",
        ("band_hash", "first_seen_at", "article_key"),
        (
            (value, seen_at, row.article_key)
            for row, values in zip(rows, bands, strict=True)
            for seen_at in (row.first_seen_at.isoformat(),)
            for value in values
        ),
    )
    conn.execute(sql.KEEP)


def _read_missing(conn: Connection, texts: Neighbours, keys: set[int]) -> None:
    missing = sorted(keys - texts.readings.keys())
    if missing:
        texts.read(conn.execute(sql.OLD_TEXTS, {"keys": missing, "length": _LEAD_CHARACTERS}))


def _write_links(
    conn: Connection, pairs: Sequence[tuple[int, int]], texts: Neighbours, now: datetime
) -> int:
    keys = sorted({key for pair in pairs for key in pair})
    members = [Member(*row) for row in conn.execute(sql.GROUPS, {"keys": keys})]
    origins = find_origins(members, pairs)
    moved = [m for m in members if origins[m.article_key] != (m.origin_key or m.article_key)]
    linked = [m.article_key for m in moved if origins[m.article_key] != m.article_key]
    _read_missing(conn, texts, {*linked, *(origins[key] for key in linked)})
    conn.execute(sql.REPLACE, {"keys": [m.article_key for m in moved], "now": now})
    if linked:
        conn.execute(sql.LINK, [_describe_link(key, origins[key], texts, now) for key in linked])
    return len(linked)


def _describe_link(
    key: int, origin_key: int, texts: Neighbours, now: datetime
) -> dict[str, object]:
    found = texts.compare(key, origin_key)
    reason = found.reason.value if found.is_copy else "through another copy"
    return {
        "article_key": key,
        "origin_key": origin_key,
        "similarity": found.similarity,
        "reason": reason,
        "now": now,
    }
