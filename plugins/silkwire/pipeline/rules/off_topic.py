"""Rules tried on what is off topic: what they would gain, in `ops.off_topic_trial`."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, text

from silkwire.load import lock_loads
from silkwire.model import IdentifiedEntry, ParsedDocument, ParsedEntry, TopicDecision
from silkwire.pipeline.batch.context import Context
from silkwire.pipeline.batch.match import match_entry
from silkwire.pipeline.history.selection import Selection, select
from silkwire.pipeline.quarantine.reread import Position, locate, name_entries, parse_archived
from silkwire.topics import Ruleset
from silkwire.warehouse.tables.sources import EntrySource

CHUNK = 4_000
"""Entries that are in memory at once."""
START: tuple[int, bytes] = (0, b"")
"""Before the first entry."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OffTopicEntry(EntrySource):
    """A row of `ops.off_topic`; its source is the document that showed it last."""

    identity_hash: bytes
    first_seen_at: datetime
    title: str | None
    summary: str | None
    language: str | None

    @property
    def name(self) -> tuple[int, bytes]:
        return self.feed_key, self.identity_hash


@dataclass(frozen=True, slots=True)
class Judged:
    """What was judged in one go."""

    count: int
    unread_count: int
    """Entries without a summary whose document is gone: a body may have stood for it."""
    last: tuple[int, bytes]


def count_unjudged(conn: Connection, ruleset_key: int, selection: Selection) -> int:
    """How many entries these rules have not judged as they are now."""
    values = _values(ruleset_key, START, selection)
    count: int = conn.execute(text(_COUNT), values).scalar_one()
    return count


def judge_chunk(
    ctx: Context,
    ruleset: Ruleset,
    ruleset_key: int,
    *,
    after: tuple[int, bytes],
    selection: Selection,
) -> Judged:
    """Judge what of the next entries these rules have not judged as they are now."""
    with ctx.engine.begin() as conn:
        values = _values(ruleset_key, after, selection)
        names = conn.execute(text(_NAMES), {**values, "limit": CHUNK}).all()
        wanted = {
            "ruleset": ruleset_key,
            "feeds": [name.feed_key for name in names],
            "identities": [bytes(name.identity_hash) for name in names],
        }
        entries = [_off_topic(row) for row in conn.execute(text(_TEXTS), wanted)]
    texts = dict(_read_texts(ctx, entries))
    gained = [
        (entry, match_entry(texts[entry.name], ruleset, dedicated=entry.feed_topics))
        for entry in entries
        if entry.name in texts
    ]
    with ctx.engine.begin() as conn:
        _keep(conn, ruleset_key, gained)
    last = (names[-1].feed_key, bytes(names[-1].identity_hash)) if names else after
    return Judged(len(gained), len(entries) - len(gained), last)


def read_gained(
    conn: Connection, ruleset_key: int, *, after: OffTopicEntry | None, limit: int
) -> list[OffTopicEntry]:
    """The next entries that these rules would gain, in the order in which they were first shown."""
    feed_key, identity = after.name if after else START
    seen = after.first_seen_at if after else None
    place = {"seen": seen, "feed": feed_key, "identity": identity}
    values = {"ruleset": ruleset_key, "limit": limit, **place}
    return [_off_topic(row) for row in conn.execute(text(_GAINED), values)]


def find_named(
    entry: OffTopicEntry, documents: dict[Position, ParsedDocument]
) -> IdentifiedEntry | None:
    """The entry in its document, by what it was known by; None where that is gone."""
    document = documents.get(locate(entry))
    if document is None:
        return None
    name = entry.identity_hash.hex()
    named = name_entries(entry, document)
    known = [one for one in named if name in (one.identity_hash, *one.coarser_hashes)]
    return next(iter(known), None)


def find_first(conn: Connection, entries: Sequence[OffTopicEntry]) -> list[OffTopicEntry]:
    """The same, each with the document that showed it first, where that was another."""
    earlier = [one for one in entries if one.first_seen_at < one.fetched_at]
    values = {
        "feeds": [one.feed_key for one in earlier],
        "times": [one.first_seen_at for one in earlier],
    }
    places = {(row.feed_key, row.started_at): row for row in conn.execute(text(_PLACES), values)}
    return [
        replace(
            one,
            fetched_at=one.first_seen_at,
            archive_file=place.archive_file,
            archive_offset=place.archive_offset,
            document_url=place.document_url,
        )
        for one in earlier
        if (place := places.get((one.feed_key, one.first_seen_at))) is not None
    ]


def _read_texts(
    ctx: Context, entries: Sequence[OffTopicEntry]
) -> Iterator[tuple[tuple[int, bytes], ParsedEntry]]:
    """What each is judged by; from the archive where there is no summary, but maybe a body."""
    documents = parse_archived(ctx, (one for one in entries if not one.summary))
    for one in entries:
        if one.summary:
            summary = one.summary
            yield one.name, ParsedEntry(0, title=one.title, summary=summary, language=one.language)
        elif (found := find_named(one, documents)) is not None:
            yield one.name, found.entry


def _keep(
    conn: Connection,
    ruleset_key: int,
    judged: Sequence[tuple[OffTopicEntry, Sequence[TopicDecision]]],
) -> None:
    lock_loads(conn)
    values = {
        "ruleset": ruleset_key,
        "feeds": [entry.feed_key for entry, _ in judged],
        "identities": [entry.identity_hash for entry, _ in judged],
        "times": [entry.last_seen_at for entry, _ in judged],
        "gained": [describe_gained(decisions) for _, decisions in judged],
    }
    conn.execute(text(KEEP_DECISIONS), values)


def describe_gained(decisions: Sequence[TopicDecision]) -> str:
    """The topics that the entry would be on, as `ops.off_topic_trial` has them."""
    gained = {
        decision.topic: {
            "score": decision.score,
            "words": sorted({span.text for span in decision.evidence}),
        }
        for decision in decisions
        if decision.is_match
    }
    return msgspec.json.encode(gained).decode()


def _values(ruleset_key: int, after: tuple[int, bytes], selection: Selection) -> dict[str, object]:
    place = {"ruleset": ruleset_key, "feed": after[0], "identity": after[1]}
    return {**place, **select(selection)}


def _off_topic(row: "Row[Any]") -> OffTopicEntry:
    values = row._asdict()
    values["identity_hash"] = bytes(row.identity_hash)
    values["feed_topics"] = tuple(row.feed_topics)
    return OffTopicEntry(**values)


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

_BY_NAME = "ORDER BY entry.feed_key, entry.identity_hash LIMIT :limit"

_SELECTED = """
    (entry.feed_key, entry.identity_hash) > (:feed, CAST(:identity AS bytea))
    AND (CAST(:since AS timestamptz) IS NULL OR entry.last_seen_at >= :since)
    AND (CAST(:until AS timestamptz) IS NULL OR entry.last_seen_at < :until)
    AND (CAST(:feed_urls AS text[]) IS NULL OR feed.feed_url = ANY(:feed_urls))
"""

# What the warehouse has by another feed, or by a later text, needs no other rules.
_UNKNOWN = """
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
WHERE {_SELECTED} AND {_UNKNOWN}
"""  # noqa: S608 - only our own constants

# Judged ones too, or a chunk would be as long to find as the first that is left is far.
_NAMES = f"""
SELECT entry.feed_key, entry.identity_hash
FROM ops.off_topic AS entry INNER JOIN ops.feed USING (feed_key)
WHERE {_SELECTED} {_BY_NAME}
"""  # noqa: S608 - only our own constants

_TEXTS = f"""{_ENTRY}
INNER JOIN unnest(CAST(:feeds AS bigint[]), CAST(:identities AS bytea[]))
    AS given (feed_key, identity_hash)
    ON given.feed_key = entry.feed_key AND given.identity_hash = entry.identity_hash
WHERE {_UNKNOWN}
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

_PLACES = """
SELECT DISTINCT ON (attempt.feed_key, attempt.started_at) attempt.*
FROM (
    SELECT feed_key, started_at, archive_file, archive_offset,
        coalesce(final_url, fetch_url) AS document_url, batch_id
    FROM ops.fetch WHERE outcome = 'new'
    UNION ALL
    SELECT feed_key, fetched_at, archive_file, archive_offset, document_url, NULL
    FROM ops.off_topic_document
) AS attempt
INNER JOIN unnest(CAST(:feeds AS bigint[]), CAST(:times AS timestamptz[]))
    AS given (feed_key, started_at) USING (feed_key, started_at)
ORDER BY attempt.feed_key, attempt.started_at, attempt.batch_id
"""

# What became of an entry that went meanwhile by its age is not known; of one that was shown again,
# its text of then is judged, or was. A document can show the same entry twice.
KEEP_DECISIONS = """
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
