"""COPY topic decisions on known revisions, with their evidence, straight into core."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import islice

from sqlalchemy import Connection, text

from silkwire.load import stage
from silkwire.model import TopicDecision
from silkwire.warehouse.copying import copy_rows

_CHUNK = 5_000  # decisions held at once

_KEYS = text(
    "SELECT array_agg(nextval('core.fact_topic_match_match_key_seq'))"
    " FROM generate_series(1, :count)"
)
_TOPICS = text("SELECT topic, topic_key FROM core.dim_topic")
# Not ON CONFLICT, which would consume a smallint key for each known topic at each call.
_NEW_TOPICS = text(
    "INSERT INTO core.dim_topic (topic) SELECT unnest(CAST(:names AS text[]))"
    " RETURNING topic, topic_key"
)

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
    keys = conn.execute(_KEYS, {"count": len(decisions)}).scalar_one()
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
    topics = {row.topic: row.topic_key for row in conn.execute(_TOPICS)}
    if new := sorted(names - topics.keys()):
        rows = conn.execute(_NEW_TOPICS, {"names": new})
        topics |= {row.topic: row.topic_key for row in rows}
    return topics
