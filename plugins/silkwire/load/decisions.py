"""Decisions of other rules on texts that are there, beside those that there are."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, text

from silkwire.load import stage
from silkwire.load.batch import copy_evidence, take_match_keys
from silkwire.model import TopicDecision
from silkwire.warehouse.copying import copy_rows

_COLUMNS = (
    "match_key", "revision_key", "topic_key", "is_match", "score", "scope", "factors", "flags",
    "ruleset_key", "loaded_at",
)  # fmt: skip


def add_decisions(
    conn: Connection,
    ruleset_key: int,
    judged: Sequence[tuple[int, TopicDecision]],
    *,
    now: datetime,
) -> None:
    """Add decisions of one ruleset, each on the revision of its key.

    The caller holds the lock of the loads and knows that there is none by these rules yet.
    """
    topics = _read_topics(conn, {decision.topic for _, decision in judged})
    keys = take_match_keys(conn, len(judged))
    rows = (
        stage.match_row(key, revision_key, decision)
        for key, (revision_key, decision) in zip(keys, judged, strict=True)
    )
    copy_rows(
        conn,
        "core.fact_topic_match",
        _COLUMNS,
        ((*row[:2], topics[row[2]], *row[3:], ruleset_key, now) for row in rows),
    )
    copy_evidence(conn, zip(keys, (decision for _, decision in judged), strict=True))


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
