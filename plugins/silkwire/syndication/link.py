"""Link the new articles of a batch to articles with the same text, within a window of time.

This runs in the load's transaction, after its rows, and under the load's lock. Only the first text
of an article is compared, and only once. Later revisions change nothing, so a replay finds the same
groups (docs/design/copies.md).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, text

from silkwire.syndication.groups import Member, find_origins
from silkwire.syndication.neighbours import Neighbours
from silkwire.syndication.sketch import list_bands
from silkwire.warehouse.copying import copy_rows
from silkwire.warehouse.statements import read_statements

SQL = read_statements(__file__)
BAND_CANDIDATES = 25
"""An article is compared with at most this many articles of a band: those that were seen first.
Without a limit, a text with n copies would cost n² comparisons."""
_LOCK = 0x51_1C_02
_LEAD_CHARACTERS = 2_000


@dataclass(frozen=True, slots=True)
class Linked:
    """The number of new articles, of compared pairs and of written links."""

    articles: int = 0
    candidates: int = 0
    links: int = 0


def link_copies(conn: Connection, batch_id: str, *, window: timedelta, now: datetime) -> Linked:
    """Link the articles that `batch_id` inserted, in the caller's transaction. Safe to repeat."""
    conn.execute(SQL["lock"], {"key": _LOCK})
    values = {"batch_id": batch_id, "length": _LEAD_CHARACTERS}
    return _link(conn, conn.execute(SQL["read_new"], values).all(), window, now)


def relink_copies(
    conn: Connection, article_keys: Sequence[int], *, window: timedelta, now: datetime
) -> Linked:
    """Link articles again after their first text has changed.

    The caller also passes all other articles of their groups."""
    keys = list(article_keys)
    conn.execute(SQL["lock"], {"key": _LOCK})
    conn.execute(SQL["end_links"], {"keys": keys, "now": now})
    conn.execute(SQL["delete_bands"], {"keys": keys})
    return _link(conn, _read_known(conn, keys), window, now)


def _link(conn: Connection, rows: Sequence[Row[Any]], window: timedelta, now: datetime) -> Linked:
    if not rows or not window:
        return Linked(articles=len(rows))
    neighbours = Neighbours(rows)
    _save_bands(conn, rows, neighbours)
    values = {"window": window, "cap": BAND_CANDIDATES}
    candidates = [(one, other) for one, other in conn.execute(SQL["find_candidates"], values)]
    conn.execute(text("DROP TABLE new_band"))
    neighbours.join(candidates)
    _read_missing(conn, neighbours, {key for pair in candidates for key in pair})
    pairs = [
        (one, other)
        for one, other in candidates
        # No foreign key ties a band to its article, which may have been deleted.
        if {one, other} <= neighbours.texts.keys() and neighbours.compare(one, other).is_copy
    ]
    links = _write_links(conn, pairs, neighbours, now) if pairs else 0
    # The batch's own time, not `now`: a replay loads months of articles within minutes.
    latest = max(row.first_seen_at for row in rows)
    conn.execute(SQL["prune_bands"], {"before": latest - 2 * window})
    return Linked(len(rows), len(candidates), links)


def _read_known(conn: Connection, keys: Sequence[int]) -> Sequence[Row[Any]]:
    values = {"keys": list(keys), "length": _LEAD_CHARACTERS}
    return conn.execute(SQL["read_known"], values).all()


def _save_bands(conn: Connection, rows: Sequence[Row[Any]], neighbours: Neighbours) -> None:
    bands = list_bands([neighbours.texts[row.article_key] for row in rows])
    conn.execute(SQL["create_bands"])
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
    conn.execute(SQL["save_bands"])


def _read_missing(conn: Connection, neighbours: Neighbours, keys: set[int]) -> None:
    missing = sorted(keys - neighbours.texts.keys())
    if missing:
        neighbours.add(_read_known(conn, missing))


def _write_links(
    conn: Connection, pairs: Sequence[tuple[int, int]], neighbours: Neighbours, now: datetime
) -> int:
    keys = sorted({key for pair in pairs for key in pair})
    members = [Member(*row) for row in conn.execute(SQL["read_groups"], {"keys": keys})]
    origins = find_origins(members, pairs)
    moved = [m for m in members if origins[m.article_key] != (m.origin_key or m.article_key)]
    linked = [m.article_key for m in moved if origins[m.article_key] != m.article_key]
    _read_missing(conn, neighbours, {*linked, *(origins[key] for key in linked)})
    conn.execute(SQL["end_links"], {"keys": [m.article_key for m in moved], "now": now})
    if linked:
        links = [_describe_link(key, origins[key], neighbours, now) for key in linked]
        conn.execute(SQL["insert_links"], links)
    return len(linked)


def _describe_link(
    key: int, origin_key: int, neighbours: Neighbours, now: datetime
) -> dict[str, object]:
    found = neighbours.compare(key, origin_key)
    return {
        "article_key": key,
        "origin_key": origin_key,
        "similarity": found.similarity,
        "reason": found.reason.value if found.is_copy else "through another copy",
        "now": now,
    }
