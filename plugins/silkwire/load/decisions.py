"""Decisions on texts that are there, with the spans that they cite: COPY straight into core."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, text

from silkwire.load import stage
from silkwire.model import TopicDecision
from silkwire.warehouse.copying import copy_rows

_KEYS = text(
    "SELECT nextval('core.fact_topic_match_match_key_seq') FROM generate_series(1, :count)"
)


def add_decisions(
    conn: Connection,
    ruleset_key: int,
    judged: Sequence[tuple[int, TopicDecision]],
    *,
    now: datetime,
    schema: str = "core",
) -> None:
    """Add decisions of one ruleset, each on the revision of its key.

    The caller holds the lock of the loads and knows that there is none by these rules yet.
    """
    if not judged:
        return
    topics = _read_topics(conn, {decision.topic for _, decision in judged})
    keys = conn.execute(_KEYS, {"count": len(judged)}).scalars().all()
    same = (ruleset_key, now.isoformat())
    copy_rows(
        conn,
        f"{schema}.fact_topic_match",
        stage.MATCH_COLUMNS,
        (
            (key, revision_key, topics[decision.topic], *same, *stage.match_row(decision))
            for key, (revision_key, decision) in zip(keys, judged, strict=True)
        ),
    )
    copy_rows(
        conn,
        f"{schema}.topic_evidence",
        stage.EVIDENCE_COLUMNS,
        (
            row
            for key, (_, decision) in zip(keys, judged, strict=True)
            for row in stage.evidence_rows(key, decision)
        ),
    )


def _read_topics(conn: Connection, names: set[str]) -> dict[str, int]:
    conn.execute(
        text(
            "INSERT INTO core.dim_topic (topic) SELECT unnest(CAST(:names AS text[]))"
            " ON CONFLICT (topic) DO NOTHING"
        ),
        {"names": sorted(names)},
    )
    rows = conn.execute(text("SELECT topic, topic_key FROM core.dim_topic"))
    return {row.topic: row.topic_key for row in rows}
