"""Rows of `ops.off_topic_trial`: what another ruleset decides on entries of `ops.off_topic`."""

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, Row

from silkwire.model import TopicDecision
from silkwire.warehouse.statements import read_statements
from silkwire.warehouse.tables.off_topic.entries import (
    START,
    GainedEntry,
    Name,
    OffTopicEntry,
    ShownEntry,
    list_names,
    name_shown,
)

_SQL = read_statements(__file__)


def save_decisions(
    conn: Connection,
    ruleset_key: int,
    decided: Sequence[tuple[OffTopicEntry, Sequence[TopicDecision]]],
) -> None:
    """Store the ruleset's decisions on the current texts of entries."""
    values = {
        **list_names([entry.name for entry, _ in decided]),
        "times": [entry.last_seen_at for entry, _ in decided],
        "gained": [_encode_gained(decisions) for _, decisions in decided],
    }
    conn.execute(_SQL["save_decisions"], {**values, "ruleset": ruleset_key})


def save_gained_decisions(
    conn: Connection, ruleset_key: int, gained: Sequence[GainedEntry]
) -> None:
    """Store the ruleset's decisions on entries that were read from the archive."""
    decided = [_encode_gained(one.decisions) for one in gained]
    values = {**name_shown(gained), "ruleset": ruleset_key, "gained": decided}
    conn.execute(_SQL["save_decisions"], values)


def revoke_gained(conn: Connection, ruleset_key: int, shown: Sequence[ShownEntry]) -> None:
    """Withdraw the gains of earlier texts of these entries, whose later text is off topic."""
    conn.execute(_SQL["revoke"], {"ruleset": ruleset_key, **name_shown(shown)})


def count_unmatched(conn: Connection, ruleset_key: int, selection: dict[str, object]) -> int:
    """The number of entries whose current text has not been matched with the ruleset."""
    values = {"ruleset": ruleset_key, **_after(START), **selection}
    count: int = conn.execute(_SQL["count"], values).scalar_one()
    return count


def read_unmatched(
    conn: Connection, ruleset_key: int, selection: dict[str, object], *, after: Name, limit: int
) -> tuple[list[OffTopicEntry], Name | None]:
    """Read the next `limit` entries; return the unmatched ones, and the name of the last one read.

    The name is None if there are no more entries.
    """
    values = {"ruleset": ruleset_key, **_after(after), **selection, "limit": limit}
    names = conn.execute(_SQL["names"], values).all()
    last = (names[-1].feed_key, bytes(names[-1].identity_hash)) if names else None
    return _read_entries(conn, [name for name in names if name.is_unmatched]), last


def read_gained(
    conn: Connection, ruleset_key: int, *, after: OffTopicEntry | None, limit: int
) -> list[OffTopicEntry]:
    """The next entries that the ruleset would load, in the order in which they were first seen."""
    place = _after(after.name if after else START)
    values = {"ruleset": ruleset_key, "seen": after.first_seen_at if after else None, **place}
    return _read_entries(conn, conn.execute(_SQL["gained"], {**values, "limit": limit}).all())


def _read_entries(conn: Connection, names: Sequence[Row[Any]]) -> list[OffTopicEntry]:
    values = list_names([(name.feed_key, bytes(name.identity_hash)) for name in names])
    return [_build_entry(row) for row in conn.execute(_SQL["entries"], values)]


def _build_entry(row: Row[Any]) -> OffTopicEntry:
    values = row._asdict()
    values["identity_hash"] = bytes(row.identity_hash)
    values["feed_topics"] = tuple(row.feed_topics)
    return OffTopicEntry(**values)


def _after(name: Name) -> dict[str, object]:
    return {"feed": name[0], "identity": name[1]}


def _encode_gained(decisions: Sequence[TopicDecision]) -> str:
    gained = {
        decision.topic: {
            "score": decision.score,
            "words": sorted({span.text for span in decision.evidence}),
        }
        for decision in decisions
        if decision.is_match
    }
    return msgspec.json.encode(gained).decode()
