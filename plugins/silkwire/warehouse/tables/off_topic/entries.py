"""Rows of `ops.off_topic`, and where archived documents are (`ops.off_topic_document`).

An entry is named by feed key and identity hash. `ops.off_topic_document` has the documents of
entries that a trial put back after retention had removed their rows of `ops.fetch`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import msgspec
from sqlalchemy import Connection, text

from silkwire.model import IdentifiedEntry, TopicDecision
from silkwire.warehouse.tables.sources import EntrySource

Name = tuple[int, bytes]
"""Feed key and identity hash."""
START: Name = (0, b"")
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
    def name(self) -> Name:
        return self.feed_key, self.identity_hash


@dataclass(frozen=True, slots=True)
class ShownEntry:
    """An entry in a document that showed it."""

    source: EntrySource
    identified: IdentifiedEntry

    @property
    def name(self) -> Name:
        return self.source.feed_key, bytes.fromhex(self.identified.identity_hash)


@dataclass(frozen=True, slots=True)
class GainedEntry(ShownEntry):
    """An off-topic entry that another ruleset would load."""

    ruleset: str
    """The version in force by which it was off topic."""
    decisions_then: tuple[TopicDecision, ...]
    decisions: tuple[TopicDecision, ...]


def save_staged(conn: Connection) -> None:
    """Insert or update the entries that the load has put into the table `staged_off_topic`."""
    conn.execute(text(_SAVE_STAGED))


def correct_after_late_load(conn: Connection, *, from_at: datetime) -> None:
    """After a late load, delete entries that are on topic now (the table `late_on_topic`), and date
    those that the late batch showed first (`late_off_topic`)."""
    conn.execute(text(_DELETE_LATE), {"from_at": from_at})
    conn.execute(text(_DATE_LATE))


def save_gained(conn: Connection, batch_id: str, gained: Sequence[GainedEntry]) -> None:
    """Put entries that a trial found in the archive back, with their documents."""
    entries = [one.identified.entry for one in gained]
    values = {
        **name_shown(gained),
        "batch_id": batch_id,
        "files": [one.source.archive_file for one in gained],
        "offsets": [one.source.archive_offset for one in gained],
        "documents": [one.source.document_url for one in gained],
        "urls": [entry.canonical_url or entry.url for entry in entries],
        "titles": [entry.title for entry in entries],
        "summaries": [entry.summary for entry in entries],
        "languages": [entry.language for entry in entries],
        "versions": [one.ruleset for one in gained],
        "scores": [_encode_scores(one.decisions_then) for one in gained],
    }
    for statement in (_SAVE_DOCUMENTS, _DATE_FIRST, _SAVE_GAINED):
        conn.execute(text(statement), values)


def note_followed(conn: Connection, sources: Sequence[EntrySource]) -> None:
    """For earlier documents of these feeds, store when the feed was next read completely."""
    values = {
        "feeds": [source.feed_key for source in sources],
        "times": [source.fetched_at for source in sources],
    }
    conn.execute(text(_FOLLOWED), values)


def delete_loaded(
    conn: Connection, names: Sequence[Name], times: Sequence[datetime | None]
) -> None:
    """Delete entries that are loaded now; an entry with a time only if it was last shown then."""
    values = {
        "feeds": [feed_key for feed_key, _ in names],
        "identities": [identity for _, identity in names],
        "times": list(times),
    }
    conn.execute(text(_DELETE_LOADED), values)


def purge(conn: Connection, *, before: datetime) -> int:
    """Delete entries not shown since `before` that no recent trial would gain; return how many.

    Documents that no entry needs go, too.
    """
    purged = conn.execute(text(_PURGE), {"before": before}).rowcount
    conn.execute(text(_PURGE_DOCUMENTS))
    return purged


def find_first_documents(
    conn: Connection, entries: Iterable[OffTopicEntry]
) -> dict[Name, OffTopicEntry]:
    """By name, entries with their first document, if another document showed them last."""
    earlier = [one for one in entries if one.first_seen_at < one.fetched_at]
    values = {
        "feeds": [one.feed_key for one in earlier],
        "times": [one.first_seen_at for one in earlier],
    }
    places = {(row.feed_key, row.started_at): row for row in conn.execute(text(_PLACES), values)}
    return {
        one.name: replace(
            one,
            fetched_at=one.first_seen_at,
            archive_file=place.archive_file,
            archive_offset=place.archive_offset,
            document_url=place.document_url,
        )
        for one in earlier
        if (place := places.get((one.feed_key, one.first_seen_at))) is not None
    }


def read_last_seen(conn: Connection, names: Sequence[Name]) -> dict[Name, datetime]:
    """When their feeds last showed these entries."""
    values = {
        "feeds": [feed_key for feed_key, _ in names],
        "identities": [identity for _, identity in names],
    }
    return {
        (row.feed_key, bytes(row.identity_hash)): row.last_seen_at
        for row in conn.execute(text(_LAST_SEEN), values)
    }


def name_shown(shown: Sequence[ShownEntry]) -> dict[str, object]:
    """The entries and the times of their documents, as parameters."""
    return {
        "feeds": [one.source.feed_key for one in shown],
        "identities": [one.name[1] for one in shown],
        "times": [one.source.fetched_at for one in shown],
    }


def _encode_scores(decisions: Sequence[TopicDecision]) -> str:
    scores = {decision.topic: round(decision.score, 4) for decision in decisions}
    return msgspec.json.encode(scores).decode()


_COLUMNS = (
    "feed_key, identity_hash, entry_url, title, summary, language, scores, ruleset,"
    " first_seen_at, last_seen_at, batch_id"
)

_UPDATE = """
ON CONFLICT (feed_key, identity_hash) DO UPDATE
SET
    entry_url = excluded.entry_url,
    title = excluded.title,
    summary = excluded.summary,
    language = excluded.language,
    scores = excluded.scores,
    ruleset = excluded.ruleset,
    last_seen_at = excluded.last_seen_at,
    batch_id = excluded.batch_id
"""

# A batch that is released late does not overwrite what its feed showed later.
_SAVE_STAGED = f"""
INSERT INTO ops.off_topic ({_COLUMNS}) SELECT {_COLUMNS} FROM staged_off_topic
{_UPDATE} WHERE off_topic.last_seen_at <= excluded.last_seen_at
"""  # noqa: S608 - only our own constants

_DELETE_LATE = """
DELETE FROM ops.off_topic AS entry USING late_on_topic AS known
WHERE entry.feed_key = known.feed_key AND entry.identity_hash = known.identity_hash
    AND known.entry_count > 0 AND entry.first_seen_at >= :from_at
    AND NOT EXISTS (
        SELECT FROM late_off_topic AS still
        WHERE still.feed_key = entry.feed_key AND still.identity_hash = entry.identity_hash
    )
"""

_DATE_LATE = """
UPDATE ops.off_topic AS entry SET first_seen_at = late.fetched_at FROM late_off_topic AS late
WHERE entry.feed_key = late.feed_key AND entry.identity_hash = late.identity_hash
    AND entry.first_seen_at > late.fetched_at
"""

_SAVE_DOCUMENTS = """
INSERT INTO ops.off_topic_document
    (feed_key, fetched_at, archive_file, archive_offset, document_url)
SELECT DISTINCT ON (feed_key, fetched_at) *
FROM unnest(
    CAST(:feeds AS bigint[]), CAST(:times AS timestamptz[]), CAST(:files AS text[]),
    CAST(:offsets AS bigint[]), CAST(:documents AS text[])
) AS given (feed_key, fetched_at, archive_file, archive_offset, document_url)
ORDER BY feed_key, fetched_at
ON CONFLICT (feed_key, fetched_at) DO NOTHING
"""

_GIVEN = """
unnest(CAST(:feeds AS bigint[]), CAST(:identities AS bytea[]), CAST(:times AS timestamptz[]))
    AS given (feed_key, identity_hash, at)
"""

_DATE_FIRST = f"""
UPDATE ops.off_topic AS entry SET first_seen_at = given.at FROM {_GIVEN}
WHERE entry.feed_key = given.feed_key AND entry.identity_hash = given.identity_hash
    AND entry.first_seen_at > given.at
"""  # noqa: S608 - only our own constants

_SAVE_GAINED = f"""
INSERT INTO ops.off_topic ({_COLUMNS})
SELECT DISTINCT ON (feed_key, identity_hash)
    feed_key, identity_hash, entry_url, title, summary, language, scores, version,
    fetched_at, fetched_at, :batch_id
FROM unnest(
    CAST(:feeds AS bigint[]), CAST(:identities AS bytea[]), CAST(:times AS timestamptz[]),
    CAST(:urls AS text[]), CAST(:titles AS text[]), CAST(:summaries AS text[]),
    CAST(:languages AS text[]), CAST(:scores AS jsonb[]), CAST(:versions AS text[])
) AS given (
    feed_key, identity_hash, fetched_at, entry_url, title, summary, language, scores, version
)
ORDER BY feed_key, identity_hash, fetched_at DESC
{_UPDATE} WHERE off_topic.last_seen_at < excluded.last_seen_at
"""  # noqa: S608 - only our own constants

_FOLLOWED = """
UPDATE ops.off_topic_document AS document SET followed_at = given.fetched_at
FROM unnest(CAST(:feeds AS bigint[]), CAST(:times AS timestamptz[]))
    AS given (feed_key, fetched_at)
WHERE document.feed_key = given.feed_key AND document.fetched_at < given.fetched_at
    AND (document.followed_at IS NULL OR document.followed_at > given.fetched_at)
"""

_DELETE_LOADED = f"""
DELETE FROM ops.off_topic AS entry USING {_GIVEN}
WHERE entry.feed_key = given.feed_key AND entry.identity_hash = given.identity_hash
    AND entry.last_seen_at = coalesce(given.at, entry.last_seen_at)
"""  # noqa: S608 - only our own constants

# What a trial would gain stays as long as the trial: adopting that ruleset needs the entry.
_PURGE = """
DELETE FROM ops.off_topic AS entry
WHERE last_seen_at < :before AND NOT EXISTS (
    SELECT FROM ops.off_topic_trial AS trial
    INNER JOIN core.dim_ruleset AS ruleset USING (ruleset_key)
    WHERE trial.feed_key = entry.feed_key AND trial.identity_hash = entry.identity_hash
        AND trial.gained <> '{}' AND ruleset.scored_at >= :before
)
"""

_PURGE_DOCUMENTS = """
DELETE FROM ops.off_topic_document AS document
WHERE NOT EXISTS (
    SELECT FROM ops.off_topic AS entry
    WHERE entry.feed_key = document.feed_key
        AND document.fetched_at IN (entry.first_seen_at, entry.last_seen_at)
)
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

_LAST_SEEN = """
SELECT feed_key, identity_hash, last_seen_at
FROM ops.off_topic
INNER JOIN unnest(CAST(:feeds AS bigint[]), CAST(:identities AS bytea[]))
    AS given (feed_key, identity_hash) USING (feed_key, identity_hash)
"""
