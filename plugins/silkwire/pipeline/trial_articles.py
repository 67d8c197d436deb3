"""Rules tried on the texts of core: a decision on each, beside those that there are."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, text

from silkwire.load import add_decisions, lock_loads
from silkwire.model import ParsedEntry
from silkwire.pipeline.matching import OPENING_LENGTH, match_entry
from silkwire.pipeline.replay_plan import EVERYTHING, Selection
from silkwire.topics import Ruleset

CHUNK = 4_000
"""Texts of one transaction: their batch waits for the lock of the loads so long."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """What was judged in one go."""

    count: int
    last_key: int


def count_unjudged(conn: Connection, ruleset_key: int, selection: Selection) -> int:
    """How many texts these rules have not judged."""
    values = {"ruleset": ruleset_key, "after": 0, **select(selection)}
    count: int = conn.execute(text(f"SELECT count(*) {_UNJUDGED}"), values).scalar_one()
    return count


def judge_chunk(
    conn: Connection,
    ruleset: Ruleset,
    ruleset_key: int,
    *,
    after: int = 0,
    selection: Selection = EVERYTHING,
    now: datetime,
) -> Chunk:
    """Judge the next texts that these rules have not judged, in the order of their keys."""
    lock_loads(conn)
    values = {"ruleset": ruleset_key, "after": after, **select(selection)}
    rows = conn.execute(text(_NEXT), {**values, "opening": OPENING_LENGTH, "limit": CHUNK}).all()
    judged = [
        (row.revision_key, decision)
        for row in rows
        for decision in match_entry(_entry(row), ruleset, dedicated=row.dedicated)
    ]
    add_decisions(conn, ruleset_key, judged, now=now)
    return Chunk(len(rows), rows[-1].revision_key if rows else after)


def judge_rest(conn: Connection, ruleset: Ruleset, ruleset_key: int, *, now: datetime) -> int:
    """Judge all that these rules have not judged, in the caller's transaction."""
    chunk = judge_chunk(conn, ruleset, ruleset_key, now=now)
    count = chunk.count
    while chunk.count:
        chunk = judge_chunk(conn, ruleset, ruleset_key, after=chunk.last_key, now=now)
        count += chunk.count
    return count


def select(selection: Selection) -> dict[str, object]:
    """The selection as parameters."""
    feed_urls: Sequence[str] | None = sorted(selection.feed_urls) or None
    return {"since": selection.since, "until": selection.until, "feeds": feed_urls}


def _entry(row: "Row[Any]") -> ParsedEntry:
    return ParsedEntry(
        position=0,
        title=row.title,
        summary=row.summary,
        body=row.opening,
        language=row.language,
    )


_UNJUDGED = """
FROM core.article_revision AS revision
INNER JOIN core.fact_article AS article ON article.article_key = revision.article_key
INNER JOIN ops.feed ON feed.feed_key = revision.feed_key
WHERE revision.revision_key > :after
    AND (CAST(:since AS timestamptz) IS NULL OR revision.recorded_from >= :since)
    AND (CAST(:until AS timestamptz) IS NULL OR revision.recorded_from < :until)
    AND (CAST(:feeds AS text[]) IS NULL OR feed.feed_url = ANY(:feeds))
    AND NOT EXISTS (
        SELECT FROM core.fact_topic_match AS known
        WHERE known.revision_key = revision.revision_key AND known.ruleset_key = :ruleset
    )
"""

# What a text was dedicated to when it came is no matter of the rules: it stays so.
_NEXT = f"""
SELECT revision.revision_key, revision.title, revision.summary, article.language,
    CASE WHEN coalesce(revision.summary, '') = '' THEN left(revision.body, :opening) END AS opening,
    ARRAY(
        SELECT DISTINCT topic.topic FROM core.fact_topic_match AS known
        INNER JOIN core.dim_topic AS topic USING (topic_key)
        WHERE known.revision_key = revision.revision_key
            AND known.factors @> '[{{"name": "dedicated_feed"}}]'
    ) AS dedicated
{_UNJUDGED}
ORDER BY revision.revision_key LIMIT :limit
"""  # noqa: S608 - only our own constants
