"""Rows of `ops.off_topic_trial`: what another ruleset decides on entries of `ops.off_topic`."""

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, text

from silkwire.model import TopicDecision
from silkwire.warehouse.tables.off_topic.entries import (
    START,
    GainedEntry,
    Name,
    OffTopicEntry,
    ShownEntry,
    name_shown,
)


def save_decisions(
    conn: Connection,
    ruleset_key: int,
    decided: Sequence[tuple[OffTopicEntry, Sequence[TopicDecision]]],
) -> None:
    """Store the ruleset's decisions on the current texts of entries."""
    values = {
        "feeds": [entry.feed_key for entry, _ in decided],
        "identities": [entry.identity_hash for entry, _ in decided],
        "times": [entry.last_seen_at for entry, _ in decided],
        "gained": [_encode_gained(decisions) for _, decisions in decided],
    }
    conn.execute(text(_SAVE_DECISIONS), {**values, "ruleset": ruleset_key})


def save_gained_decisions(
    conn: Connection, ruleset_key: int, gained: Sequence[GainedEntry]
) -> None:
    """Store the ruleset's decisions on entries that were read from the archive."""
    decided = [_encode_gained(one.decisions) for one in gained]
    values = {**name_shown(gained), "ruleset": ruleset_key, "gained": decided}
    conn.execute(text(_SAVE_DECISIONS), values)


def revoke_gained(conn: Connection, ruleset_key: int, shown: Sequence[ShownEntry]) -> None:
    """Withdraw the gain of these entries: a later text of theirs is off topic by that ruleset."""
    conn.execute(text(_REVOKE), {"ruleset": ruleset_key, **name_shown(shown)})


def count_unmatched(conn: Connection, ruleset_key: int, selection: dict[str, object]) -> int:
    """The number of entries whose current text that ruleset has not matched."""
    values = {"ruleset": ruleset_key, **_after(START), **selection}
    count: int = conn.execute(text(_COUNT), values).scalar_one()
    return count


def read_unmatched(
    conn: Connection, ruleset_key: int, selection: dict[str, object], *, after: Name, limit: int
) -> tuple[list[OffTopicEntry], Name | None]:
    """Those of the next `limit` entries that the ruleset has not matched, and the last one's name.

    The name is None if there are no more entries.
    """
    values = {**_after(after), **selection, "limit": limit}
    names = [(row.feed_key, bytes(row.identity_hash)) for row in conn.execute(text(_NAMES), values)]
    wanted = {
        "ruleset": ruleset_key,
        "feeds": [feed_key for feed_key, _ in names],
        "identities": [identity for _, identity in names],
    }
    entries = [_read_entry(row) for row in conn.execute(text(_TEXTS), wanted)]
    return entries, names[-1] if names else None


def read_gained(
    conn: Connection, ruleset_key: int, *, after: OffTopicEntry | None, limit: int
) -> list[OffTopicEntry]:
    """The next entries that the ruleset would load, in the order in which they were first seen."""
    place = _after(after.name if after else START)
    values = {"ruleset": ruleset_key, "seen": after.first_seen_at if after else None, **place}
    return [_read_entry(row) for row in conn.execute(text(_GAINED), {**values, "limit": limit})]


def _read_entry(row: "Row[Any]") -> OffTopicEntry:
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


# The join leaves out entries that were purged, or shown with another text, since they were read.
# DISTINCT: a document can show the same entry twice.
_SAVE_DECISIONS = """
INSERT INTO ops.off_topic_trial (feed_key, identity_hash, ruleset_key, last_seen_at, gained)
SELECT DISTINCT ON (given.feed_key, given.identity_hash)
    given.feed_key, given.identity_hash, :ruleset, given.last_seen_at, given.gained
FROM unnest(
    CAST(:feeds AS bigint[]), CAST(:identities AS bytea[]), CAST(:times AS timestamptz[]),
    CAST(:gained AS jsonb[])
) AS given (feed_key, identity_hash, last_seen_at, gained)
INNER JOIN ops.off_topic AS entry USING (feed_key, identity_hash, last_seen_at)
ON CONFLICT (feed_key, identity_hash, ruleset_key) DO UPDATE
SET last_seen_at = excluded.last_seen_at, gained = excluded.gained
"""

_REVOKE = """
UPDATE ops.off_topic_trial AS trial SET gained = '{}'
FROM unnest(CAST(:feeds AS bigint[]), CAST(:identities AS bytea[]), CAST(:times AS timestamptz[]))
    AS given (feed_key, identity_hash, at)
WHERE trial.feed_key = given.feed_key AND trial.identity_hash = given.identity_hash
    AND trial.ruleset_key = :ruleset AND trial.last_seen_at < given.at AND trial.gained <> '{}'
"""

_ENTRY = """
SELECT entry.feed_key, feed.feed_url, entry.identity_hash, entry.first_seen_at,
    entry.last_seen_at AS fetched_at, entry.last_seen_at, entry.title, entry.summary,
    entry.language, coalesce(attempt.archive_file, document.archive_file) AS archive_file,
    coalesce(attempt.archive_offset, document.archive_offset) AS archive_offset,
    coalesce(attempt.final_url, attempt.fetch_url, document.document_url, feed.fetch_url)
        AS document_url,
    feed.language AS feed_language, feed.topics AS feed_topics,
    feed.urls_repeat AS is_urls_repeat, feed.guids_repeat AS is_guids_repeat
FROM ops.off_topic AS entry
INNER JOIN ops.feed USING (feed_key)
LEFT JOIN ops.fetch AS attempt ON attempt.batch_id = entry.batch_id
    AND attempt.feed_key = entry.feed_key AND attempt.started_at = entry.last_seen_at
LEFT JOIN ops.off_topic_document AS document ON document.feed_key = entry.feed_key
    AND document.fetched_at = entry.last_seen_at
"""

_SELECTED = """
    (entry.feed_key, entry.identity_hash) > (:feed, CAST(:identity AS bytea))
    AND (CAST(:since AS timestamptz) IS NULL OR entry.last_seen_at >= :since)
    AND (CAST(:until AS timestamptz) IS NULL OR entry.last_seen_at < :until)
    AND (CAST(:feed_urls AS text[]) IS NULL OR feed.feed_url = ANY(:feed_urls))
"""

# Leaves out an entry that is an article by now, through another feed or a later text.
_UNMATCHED = """
    NOT EXISTS (
        SELECT FROM ops.off_topic_trial AS known
        WHERE known.feed_key = entry.feed_key AND known.identity_hash = entry.identity_hash
            AND known.ruleset_key = :ruleset AND known.last_seen_at = entry.last_seen_at
    )
    AND NOT EXISTS (
        SELECT FROM core.fact_article AS article
        WHERE article.identity_hash = entry.identity_hash
    )
"""

_COUNT = f"""
SELECT count(*) FROM ops.off_topic AS entry INNER JOIN ops.feed USING (feed_key)
WHERE {_SELECTED} AND {_UNMATCHED}
"""  # noqa: S608 - only our own constants

# A chunk includes matched entries: to skip them, the query would read all of them each time.
_NAMES = f"""
SELECT entry.feed_key, entry.identity_hash
FROM ops.off_topic AS entry INNER JOIN ops.feed USING (feed_key)
WHERE {_SELECTED} ORDER BY entry.feed_key, entry.identity_hash LIMIT :limit
"""  # noqa: S608 - only our own constants

_TEXTS = f"""{_ENTRY}
INNER JOIN unnest(CAST(:feeds AS bigint[]), CAST(:identities AS bytea[]))
    AS given (feed_key, identity_hash)
    ON given.feed_key = entry.feed_key AND given.identity_hash = entry.identity_hash
WHERE {_UNMATCHED}
ORDER BY entry.feed_key, entry.identity_hash
"""

_GAINED = f"""{_ENTRY}
INNER JOIN ops.off_topic_trial AS trial ON trial.feed_key = entry.feed_key
    AND trial.identity_hash = entry.identity_hash
WHERE trial.ruleset_key = :ruleset AND trial.gained <> '{{}}'
    AND (entry.first_seen_at, entry.feed_key, entry.identity_hash)
        > (coalesce(CAST(:seen AS timestamptz), '-infinity'), :feed, CAST(:identity AS bytea))
ORDER BY entry.first_seen_at, entry.feed_key, entry.identity_hash LIMIT :limit
"""
