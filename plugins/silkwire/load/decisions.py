"""COPY topic decisions on known revisions, with their evidence, straight into core."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import islice

from sqlalchemy import Connection

from silkwire.load import stage
from silkwire.model import TopicDecision
from silkwire.warehouse.copying import copy_rows
from silkwire.warehouse.statements import read_statements

_CHUNK = 5_000  # decisions held at once

_SQL = read_statements(__file__)

RevisionDecision = tuple[int, TopicDecision]
"""A revision's key and a decision on it."""


def add_decisions(
    conn: Connection,
    ruleset_key: int,
    decisions: Iterable[RevisionDecision],
    *,
    now: datetime,
    schema: str = "core",
) -> None:
    """Add decisions of one ruleset.

    The caller has called `lock_loads` and knows that the revisions have none of this ruleset yet.
    """
    decisions = iter(decisions)
    while chunk := list(islice(decisions, _CHUNK)):
        _add_chunk(conn, ruleset_key, chunk, now, schema)


def _add_chunk(
    conn: Connection,
    ruleset_key: int,
    decisions: Sequence[RevisionDecision],
    now: datetime,
    schema: str,
) -> None:
    topics = _read_topics(conn, {decision.topic for _, decision in decisions})
    keys = conn.execute(_SQL["keys"], {"count": len(decisions)}).scalar_one()
    same = (ruleset_key, now.isoformat())
    copy_rows(
        conn,
        f"{schema}.fact_topic_match",
        stage.MATCH_COLUMNS,
        (
            (key, revision_key, topics[decision.topic], *same, *stage.match_row(decision))
            for key, (revision_key, decision) in zip(keys, decisions, strict=True)
        ),
    )
    copy_rows(
        conn,
        f"{schema}.topic_evidence",
        stage.EVIDENCE_COLUMNS,
        (
            row
            for key, (_, decision) in zip(keys, decisions, strict=True)
            for row in stage.evidence_rows(key, decision)
        ),
    )


def _read_topics(conn: Connection, names: set[str]) -> dict[str, int]:
    topics = {row.topic: row.topic_key for row in conn.execute(_SQL["topics"])}
    if new := sorted(names - topics.keys()):
        rows = conn.execute(_SQL["new_topics"], {"names": new})
        topics |= {row.topic: row.topic_key for row in rows}
    return topics
