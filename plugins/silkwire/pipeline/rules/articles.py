"""Rules tried on the texts of core: a decision on each, beside those that there are."""

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
"""Texts of one transaction: their batch waits for the lock of the loads so long."""


@dataclass(frozen=True, slots=True)
class Unjudged:
    """Texts that rules have not judged."""

    count: int
    first_key: int
    """Of the first; all before it are judged."""


def find_unjudged(
    conn: Connection, ruleset_key: int, selection: Selection = EVERYTHING
) -> Unjudged:
    """What of the selection these rules have not judged."""
    values = {"ruleset": ruleset_key, **select(selection)}
    row = conn.execute(text(_UNJUDGED), values).one()
    return Unjudged(row.amount, row.first_key)


def judge_chunk(
    conn: Connection,
    ruleset: Ruleset,
    ruleset_key: int,
    *,
    first_key: int,
    selection: Selection = EVERYTHING,
    now: datetime,
) -> Unjudged | None:
    """Judge what of the next texts these rules have not judged: how many that was, and where to go
    on; None where there are no more texts."""
    lock_loads(conn)
    values = {"first": first_key, "limit": CHUNK, **select(selection)}
    keys = conn.execute(text(_KEYS), values).scalars().all()
    if not keys:
        return None
    wanted = {"keys": list(keys), "ruleset": ruleset_key, "opening": OPENING_LENGTH}
    rows = conn.execute(text(_TEXTS), {**wanted, "factor": DEDICATED_FEED}).all()
    judged = [
        (row.revision_key, decision)
        for row in rows
        for decision in match_entry(_entry(row), ruleset, dedicated=row.dedicated)
    ]
    add_decisions(conn, ruleset_key, judged, now=now)
    return Unjudged(len(rows), keys[-1] + 1)


def judge_rest(
    conn: Connection, ruleset: Ruleset, ruleset_key: int, *, first_key: int, now: datetime
) -> None:
    """Judge all texts from this key on that these rules have not judged, in the caller's
    transaction."""
    left = judge_chunk(conn, ruleset, ruleset_key, first_key=first_key, now=now)
    while left is not None:
        left = judge_chunk(conn, ruleset, ruleset_key, first_key=left.first_key, now=now)


def find_end(conn: Connection) -> int:
    """The first key that no text has yet: texts get theirs under the lock of the loads."""
    end: int = conn.execute(text(_END)).scalar_one()
    return end


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

# A look-up for each text. As a join it goes wrong, since statistics are older than these rules: for
# each text PostgreSQL would go through all of their decisions, which it takes for one.
_IS_UNKNOWN = """
    (
        SELECT count(*) FROM core.fact_topic_match AS known
        WHERE known.revision_key = revision.revision_key AND known.ruleset_key = :ruleset
    ) = 0
"""

_UNJUDGED = f"""
SELECT count(*) AS amount, coalesce(min(revision.revision_key), 0) AS first_key
FROM core.article_revision AS revision
INNER JOIN ops.feed ON feed.feed_key = revision.feed_key
WHERE {_SELECTED} AND {_IS_UNKNOWN}
"""  # noqa: S608 - only our own constants

# Judged ones too, or a chunk would be as long to find as the first that is left is far.
_KEYS = f"""
SELECT revision.revision_key
FROM core.article_revision AS revision
INNER JOIN ops.feed ON feed.feed_key = revision.feed_key
WHERE revision.revision_key >= :first AND {_SELECTED}
ORDER BY revision.revision_key LIMIT :limit
"""  # noqa: S608 - only our own constants

_END = "SELECT coalesce(max(revision_key), 0) + 1 FROM core.article_revision"

# What a text was dedicated to when it came is no matter of the rules: it stays so.
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
WHERE revision.revision_key = ANY(:keys) AND {_IS_UNKNOWN}
"""  # noqa: S608 - only our own constants
