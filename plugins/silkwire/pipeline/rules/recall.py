"""What rules that were tried find in the archive, back in `ops.off_topic` as long as the trial is
remembered."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec
from sqlalchemy import Connection, text

from silkwire.load import lock_loads
from silkwire.model import FetchResult, IdentifiedEntry, TopicDecision
from silkwire.pipeline.history.selection import Selection, select
from silkwire.pipeline.quarantine.candidates import fingerprint
from silkwire.pipeline.rules.off_topic import KEEP_DECISIONS, describe_gained
from silkwire.topics import Ruleset
from silkwire.warehouse.tables.sources import EntrySource


@dataclass(frozen=True, slots=True)
class LoadedBatch:
    """A batch of the warehouse whose documents these rules have not judged."""

    batch_id: str
    archived_id: str
    """Its name in the archive: another, if a replay loaded it."""
    ruleset: str
    """The version that decided what was off topic."""
    is_whole: bool
    """Whether all of what is archived of it was loaded."""


@dataclass(frozen=True, slots=True)
class Shown:
    """An entry in a document that showed it."""

    source: EntrySource
    named: IdentifiedEntry


@dataclass(frozen=True, slots=True)
class Gained(Shown):
    """One that the rules of then left out, and the rules tried would not."""

    ruleset: str
    """The version of then."""
    decisions_then: tuple[TopicDecision, ...]
    decisions: tuple[TopicDecision, ...]


def find_batches_to_read(
    conn: Connection,
    ruleset: Ruleset,
    ruleset_key: int,
    *,
    before: datetime,
    selection: Selection,
) -> list[LoadedBatch]:
    """Batches that began before that time, oldest first; not those that these rules decided."""
    values = {"version": ruleset.version, "ruleset": ruleset_key, "before": before}
    rows = conn.execute(text(_BATCHES), {**values, **select(selection)})
    return [LoadedBatch(*row) for row in rows]


def find_sources(conn: Connection, results: Sequence[FetchResult]) -> list[EntrySource]:
    """The documents of these attempts, with what is known of their feeds today."""
    rows = conn.execute(text(_FEEDS), {"urls": [result.feed_url for result in results]})
    feeds = {row.feed_url: row for row in rows}
    return [
        EntrySource(
            feed_key=feed.feed_key,
            feed_url=feed.feed_url,
            fetched_at=result.started_at,
            last_seen_at=result.started_at,
            archive_file=result.archive_file,
            archive_offset=result.archive_offset,
            document_url=result.final_url or result.fetch_url,
            feed_language=feed.language,
            feed_topics=tuple(feed.topics),
            is_urls_repeat=feed.urls_repeat,
            is_guids_repeat=feed.guids_repeat,
        )
        for result in results
        if (feed := feeds.get(result.feed_url)) is not None
    ]


def keep_found(
    conn: Connection,
    ruleset_key: int,
    batch_id: str,
    gained: Sequence[Gained],
    others: Sequence[Shown],
) -> None:
    """Remember what would be gained, and that the last text of `others` would not; again is a
    no-op. What the warehouse has as an article, or in quarantine, stays out."""
    lock_loads(conn)
    known = _find_known(conn, gained)
    new = [one for number, one in enumerate(gained) if number not in known]
    if new:
        values = {"ruleset": ruleset_key, "batch_id": batch_id, **_describe(new)}
        for statement in (_KEEP_DOCUMENTS, _DATE_FIRST, _KEEP_ENTRIES, KEEP_DECISIONS):
            conn.execute(text(statement), values)
    if others:
        conn.execute(text(_REVOKE), {"ruleset": ruleset_key, **_name(others)})


def note_followed(conn: Connection, sources: Sequence[EntrySource]) -> None:
    """These documents were read whole: what an earlier one showed last had left its feed."""
    values = {
        "feeds": [source.feed_key for source in sources],
        "times": [source.fetched_at for source in sources],
    }
    conn.execute(text(_FOLLOWED), values)


def note_read(conn: Connection, ruleset_key: int, batch_id: str) -> None:
    """These rules have judged all of the batch."""
    conn.execute(text(_READ), {"ruleset": ruleset_key, "batch_id": batch_id})


def _find_known(conn: Connection, gained: Sequence[Gained]) -> set[int]:
    names = [
        (number, name, place > 0)
        for number, one in enumerate(gained)
        for place, name in enumerate((one.named.identity_hash, *one.named.coarser_hashes))
    ]
    values = {
        "numbers": [number for number, _, _ in names],
        "feeds": [gained[number].source.feed_key for number, _, _ in names],
        "guids": [gained[number].named.entry.guid for number, _, _ in names],
        "prints": [fingerprint(gained[number].named) for number, _, _ in names],
        "names": [bytes.fromhex(name) for _, name, _ in names],
        "coarser": [is_coarser for _, _, is_coarser in names],
    }
    return set(conn.execute(text(_KNOWN), values).scalars())


def _describe(gained: Sequence[Gained]) -> dict[str, object]:
    entries = [one.named.entry for one in gained]
    return {
        **_name(gained),
        "files": [one.source.archive_file for one in gained],
        "offsets": [one.source.archive_offset for one in gained],
        "documents": [one.source.document_url for one in gained],
        "urls": [entry.canonical_url or entry.url for entry in entries],
        "titles": [entry.title for entry in entries],
        "summaries": [entry.summary for entry in entries],
        "languages": [entry.language for entry in entries],
        "versions": [one.ruleset for one in gained],
        "scores": [_write_scores(one.decisions_then) for one in gained],
        "gained": [describe_gained(one.decisions) for one in gained],
    }


def _name(shown: Sequence[Shown]) -> dict[str, object]:
    return {
        "feeds": [one.source.feed_key for one in shown],
        "identities": [bytes.fromhex(one.named.identity_hash) for one in shown],
        "times": [one.source.fetched_at for one in shown],
    }


def _write_scores(decisions: Sequence[TopicDecision]) -> str:
    scores = {decision.topic: round(decision.score, 4) for decision in decisions}
    return msgspec.json.encode(scores).decode()


_BATCHES = """
SELECT batch_id, coalesce(step_reports -> 'plan' ->> 'replays', batch_id),
    step_reports -> 'match' ->> 'ruleset',
    coalesce(CAST(step_reports -> 'plan' ->> 'is_whole' AS boolean), TRUE)
FROM ops.batch
WHERE state = 'done' AND verdict IN ('published', 'released') AND fetched_count > 0
    AND CAST(step_reports -> 'plan' ->> 'shards' AS integer) > 0
    AND started_at < :before
    AND step_reports -> 'match' ->> 'ruleset' <> :version
    AND (CAST(:since AS timestamptz) IS NULL OR finished_at >= :since)
    AND (CAST(:until AS timestamptz) IS NULL OR started_at < :until)
    AND NOT EXISTS (
        SELECT FROM ops.archive_trial AS reading
        WHERE reading.ruleset_key = :ruleset AND reading.batch_id = batch.batch_id
    )
ORDER BY started_at, batch_id
"""

_FEEDS = """
SELECT feed_key, feed_url, language, topics, urls_repeat, guids_repeat
FROM ops.feed WHERE feed_url = ANY (CAST(:urls AS text[]))
"""

# As an entry is found in core when it is loaded (2_decide.sql), and by its text in quarantine.
_KNOWN = """
SELECT given.number
FROM unnest(
    CAST(:numbers AS integer[]), CAST(:feeds AS bigint[]), CAST(:guids AS text[]),
    CAST(:prints AS bytea[]), CAST(:names AS bytea[]), CAST(:coarser AS boolean[])
) AS given (number, feed_key, guid, fingerprint, name, is_coarser)
WHERE EXISTS (
    SELECT FROM core.fact_article AS article
    WHERE article.identity_hash = given.name AND (
        NOT given.is_coarser OR EXISTS (
            SELECT FROM core.fact_sighting AS sighting
            WHERE sighting.article_key = article.article_key
                AND sighting.feed_key = given.feed_key
                AND sighting.guid IS NOT DISTINCT FROM given.guid
        )
    )
) OR EXISTS (
    SELECT FROM ops.quarantine AS record
    WHERE record.feed_key = given.feed_key AND record.fingerprint = given.fingerprint
)
"""

_KEEP_DOCUMENTS = """
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

_DATE_FIRST = """
UPDATE ops.off_topic AS entry SET first_seen_at = given.fetched_at
FROM unnest(CAST(:feeds AS bigint[]), CAST(:identities AS bytea[]), CAST(:times AS timestamptz[]))
    AS given (feed_key, identity_hash, fetched_at)
WHERE entry.feed_key = given.feed_key AND entry.identity_hash = given.identity_hash
    AND entry.first_seen_at > given.fetched_at
"""

_KEEP_ENTRIES = """
INSERT INTO ops.off_topic (
    feed_key, identity_hash, entry_url, title, summary, language, scores, ruleset,
    first_seen_at, last_seen_at, batch_id
)
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
WHERE off_topic.last_seen_at < excluded.last_seen_at
"""

_REVOKE = """
UPDATE ops.off_topic_trial AS trial SET gained = '{}'
FROM unnest(CAST(:feeds AS bigint[]), CAST(:identities AS bytea[]), CAST(:times AS timestamptz[]))
    AS given (feed_key, identity_hash, fetched_at)
WHERE trial.feed_key = given.feed_key AND trial.identity_hash = given.identity_hash
    AND trial.ruleset_key = :ruleset AND trial.last_seen_at < given.fetched_at
    AND trial.gained <> '{}'
"""

_FOLLOWED = """
UPDATE ops.off_topic_document AS document SET followed_at = given.fetched_at
FROM unnest(CAST(:feeds AS bigint[]), CAST(:times AS timestamptz[]))
    AS given (feed_key, fetched_at)
WHERE document.feed_key = given.feed_key AND document.fetched_at < given.fetched_at
    AND (document.followed_at IS NULL OR document.followed_at > given.fetched_at)
"""

_READ = """
INSERT INTO ops.archive_trial (ruleset_key, batch_id) VALUES (:ruleset, :batch_id)
ON CONFLICT DO NOTHING
"""
