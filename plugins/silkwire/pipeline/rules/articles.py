"""Match the revisions of `core` with another ruleset; the decisions in force stay unchanged."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from silkwire.load import add_decisions, lock_loads
from silkwire.model import ParsedEntry
from silkwire.pipeline.batch.match import OPENING_LENGTH, match_entry
from silkwire.pipeline.history.selection import EVERYTHING, Selection, select
from silkwire.topics import DEDICATED_FEED, Ruleset
from silkwire.warehouse.statements import read_statements

_SQL = read_statements(__file__)

CHUNK = 4_000
"""Revisions that are matched in one transaction, during which every load waits."""


@dataclass(frozen=True, slots=True)
class Unmatched:
    """Revisions that a ruleset has not decided on."""

    count: int
    first_key: int
    """The key of the first one; all revisions before it are matched."""


def find_unmatched(
    conn: Connection, ruleset_key: int, selection: Selection = EVERYTHING
) -> Unmatched:
    """Count the selected revisions that the ruleset has not decided on, and find the first."""
    values = {"ruleset": ruleset_key, **select(selection)}
    row = conn.execute(_SQL["unmatched"], values).one()
    return Unmatched(row.amount, row.first_key)


def match_chunk(
    conn: Connection,
    ruleset: Ruleset,
    ruleset_key: int,
    *,
    first_key: int,
    selection: Selection = EVERYTHING,
    now: datetime,
) -> Unmatched | None:
    """Match the next chunk; return its size and the next key, or None after the last chunk."""
    lock_loads(conn)
    values = {"first": first_key, "limit": CHUNK, **select(selection)}
    keys = conn.execute(_SQL["keys"], values).scalars().all()
    if not keys:
        return None
    wanted = {"keys": list(keys), "ruleset": ruleset_key, "opening": OPENING_LENGTH}
    rows = conn.execute(_SQL["texts"], {**wanted, "factor": DEDICATED_FEED}).all()
    decisions = [
        (row.revision_key, decision)
        for row in rows
        for decision in match_entry(_entry(row), ruleset, dedicated=row.dedicated)
    ]
    add_decisions(conn, ruleset_key, decisions, now=now)
    return Unmatched(len(rows), keys[-1] + 1)


def match_rest(
    conn: Connection, ruleset: Ruleset, ruleset_key: int, *, first_key: int, now: datetime
) -> None:
    """Match every revision with this key or a larger one, in the caller's transaction."""
    left: Unmatched | None = Unmatched(0, first_key)
    while left is not None:
        left = match_chunk(conn, ruleset, ruleset_key, first_key=left.first_key, now=now)


def find_next_key(conn: Connection) -> int:
    """One more than the largest key of a revision. Loads assign keys while they hold their lock."""
    key: int = conn.execute(_SQL["next_key"]).scalar_one()
    return key


def _entry(row: "Row[Any]") -> ParsedEntry:
    return ParsedEntry(
        position=0,
        title=row.title,
        summary=row.summary,
        body=row.opening,
        language=row.language,
    )
