"""Match the revisions of `core` with another ruleset; the decisions in force stay unchanged."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, text

from silkwire.load import add_decisions, lock_loads
from silkwire.model import ParsedEntry
from silkwire.pipeline.batch.match import OPENING_LENGTH, match_entry
from silkwire.pipeline.history.selection import EVERYTHING, Selection, select
from silkwire.topics import DEDICATED_FEED, Ruleset

CHUNK = 4_000
"""Revisions of one transaction, during which every load waits."""


@dataclass(frozen=True, slots=True)
class Unmatched:
    """Revisions that a ruleset has not decided on."""

    count: int
    first_key: int
    """The key of the first one; all revisions before it are matched."""


def find_unmatched(
    conn: Connection, ruleset_key: int, selection: Selection = EVERYTHING
) -> Unmatched:
    """Which of the selected revisions the ruleset has not decided on."""
    values = {"ruleset": ruleset_key, **select(selection)}
    row = conn.execute(text(_UNMATCHED), values).one()
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
    """Match the next chunk: how many were matched and the next key, or None after the last one."""
    lock_loads(conn)
    values = {"first": first_key, "limit": CHUNK, **select(selection)}
    keys = conn.execute(text(_KEYS), values).scalars().all()
    if not keys:
        return None
    wanted = {"keys": list(keys), "ruleset": ruleset_key, "opening": OPENING_LENGTH}
    rows = conn.execute(text(_TEXTS), {**wanted, "factor": DEDICATED_FEED}).all()
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
    """The last revision's key plus one. Keys are assigned under the lock of the loads."""
    key: int = conn.execute(text(_NEXT_KEY)).scalar_one()
    return key


def _entry(row: "Row[Any]") -> ParsedEntry:
    return ParsedEntry(
        position=0,
        title=row.title,
        summary=row.summary,
        body=row.opening,
        language=row.language,
    )


_SELECTED = """
    (CAST(:since AS timestamptz) IS NULL OR revision.recorded_from >= :since)
    AND (CAST(:until AS timestamptz) IS NULL OR revision.recorded_from < :until)
    AND (CAST(:feed_urls AS text[]) IS NULL OR feed.feed_url = ANY(:feed_urls))
"""

# A subquery for each revision. Statistics do not know a new ruleset yet, so for a join PostgreSQL
# would expect one decision in all, and read all of them for each revision.
_IS_UNMATCHED = """
    (
        SELECT count(*) FROM core.fact_topic_match AS known
        WHERE known.revision_key = revision.revision_key AND known.ruleset_key = :ruleset
    ) = 0
"""

_UNMATCHED = f"""
SELECT count(*) AS amount, coalesce(min(revision.revision_key), 0) AS first_key
FROM core.article_revision AS revision
INNER JOIN ops.feed ON feed.feed_key = revision.feed_key
WHERE {_SELECTED} AND {_IS_UNMATCHED}
"""  # noqa: S608 - only our own constants

# A chunk includes matched revisions: to skip them, the query would read all of them each time.
_KEYS = f"""
SELECT revision.revision_key
FROM core.article_revision AS revision
INNER JOIN ops.feed ON feed.feed_key = revision.feed_key
WHERE revision.revision_key >= :first AND {_SELECTED}
ORDER BY revision.revision_key LIMIT :limit
"""  # noqa: S608 - only our own constants

_NEXT_KEY = "SELECT coalesce(max(revision_key), 0) + 1 FROM core.article_revision"

# A feed's dedicated topics are not part of a ruleset, so a revision keeps those of its load.
_TEXTS = f"""
SELECT revision.revision_key, revision.title, revision.summary, article.language,
    CASE WHEN coalesce(revision.summary, '') = '' THEN left(revision.body, :opening) END AS opening,
    ARRAY(
        SELECT DISTINCT topic.topic FROM core.fact_topic_match AS known
        INNER JOIN core.dim_topic AS topic USING (topic_key)
        WHERE known.revision_key = revision.revision_key
            AND known.factors
                @> jsonb_build_array(jsonb_build_object('name', CAST(:factor AS text)))
    ) AS dedicated
FROM core.article_revision AS revision
INNER JOIN core.fact_article AS article USING (article_key)
WHERE revision.revision_key = ANY(:keys) AND {_IS_UNMATCHED}
"""  # noqa: S608 - only our own constants
