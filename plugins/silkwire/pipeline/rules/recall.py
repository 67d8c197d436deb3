"""Which archived batches a trial reads, and how gained entries return to `ops.off_topic`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from silkwire.load import lock_loads
from silkwire.model import FetchResult
from silkwire.pipeline.history.selection import Selection, select
from silkwire.pipeline.quarantine.candidates import fingerprint
from silkwire.topics import Ruleset
from silkwire.warehouse.statements import read_statements
from silkwire.warehouse.tables.off_topic.entries import GainedEntry, ShownEntry, save_gained
from silkwire.warehouse.tables.off_topic.trials import revoke_gained, save_gained_decisions
from silkwire.warehouse.tables.sources import EntrySource

_SQL = read_statements(__file__)


@dataclass(frozen=True, slots=True)
class LoadedBatch:
    """A loaded batch whose archived documents the tried ruleset has not matched."""

    batch_id: str
    archived_id: str
    """Its id in the archive, which differs if a replay loaded it."""
    ruleset: str
    """The version that matched it when it was loaded."""
    is_whole: bool
    """Whether all fetches of the archived batch were loaded."""


def find_batches_to_read(
    conn: Connection,
    ruleset: Ruleset,
    ruleset_key: int,
    *,
    before: datetime,
    selection: Selection,
) -> list[LoadedBatch]:
    """Batches before `before` that have documents to match with the ruleset, oldest first."""
    values = {"version": ruleset.version, "ruleset": ruleset_key, "before": before}
    rows = conn.execute(_SQL["batches"], {**values, **select(selection)})
    return [LoadedBatch(*row) for row in rows]


def find_sources(conn: Connection, results: Sequence[FetchResult]) -> list[EntrySource]:
    """The documents of these fetches, with what is known of their feeds today."""
    rows = conn.execute(_SQL["feeds"], {"urls": [result.feed_url for result in results]})
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
    gained: Sequence[GainedEntry],
    others: Sequence[ShownEntry],
) -> None:
    """Put gained entries back into `ops.off_topic`; a second call is a no-op.

    Entries that the warehouse has as articles, or in quarantine, are left out. `others` are off
    topic by this ruleset, so they are no longer gained by their earlier texts.
    """
    lock_loads(conn)
    known = find_known(conn, gained)
    new = [one for number, one in enumerate(gained) if number not in known]
    if new:
        save_gained(conn, batch_id, new)
        save_gained_decisions(conn, ruleset_key, new)
    if others:
        revoke_gained(conn, ruleset_key, others)


def note_read(conn: Connection, ruleset_key: int, batch_id: str) -> None:
    """Store that the ruleset has matched all archived documents of the batch."""
    conn.execute(_SQL["read"], {"ruleset": ruleset_key, "batch_id": batch_id})


def find_known(conn: Connection, shown: Sequence[ShownEntry]) -> set[int]:
    """Indexes of entries that the warehouse has as articles or in quarantine."""
    names = [
        (number, name, place > 0)
        for number, one in enumerate(shown)
        for place, name in enumerate((one.identified.identity_hash, *one.identified.coarser_hashes))
    ]
    entries = [shown[number].identified for number, _, _ in names]
    values = {
        "numbers": [number for number, _, _ in names],
        "feeds": [shown[number].source.feed_key for number, _, _ in names],
        "kinds": [one.identity.value for one in entries],
        "guids": [one.entry.guid for one in entries],
        "texts": [bytes.fromhex(one.text_hash) for one in entries],
        "prints": [fingerprint(one) for one in entries],
        "names": [bytes.fromhex(name) for _, name, _ in names],
        "coarser": [is_coarser for _, _, is_coarser in names],
    }
    return set(conn.execute(_SQL["known"], values).scalars())
