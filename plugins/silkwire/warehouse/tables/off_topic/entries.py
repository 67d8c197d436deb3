"""Rows of `ops.off_topic`, and where archived documents are (`ops.off_topic_document`).

An entry is named by feed key and identity hash. `ops.off_topic_document` has the documents of
entries that a trial put back after retention had removed their rows of `ops.fetch`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import msgspec
from sqlalchemy import Connection

from silkwire.model import IdentifiedEntry, TopicDecision
from silkwire.warehouse.statements import read_statements
from silkwire.warehouse.tables.sources import EntrySource

_SQL = read_statements(__file__)

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
    """The version then in force, by which the entry was off topic."""
    decisions_then: tuple[TopicDecision, ...]
    decisions: tuple[TopicDecision, ...]


def save_staged(conn: Connection) -> None:
    """Insert or update the entries that the load has put into the table `staged_off_topic`."""
    conn.execute(_SQL["save_staged"])


def correct_after_late_load(conn: Connection, *, from_at: datetime) -> None:
    """After a late load, delete the entries in the table `late_on_topic`, which are on topic now.

    Also correct when entries in `late_off_topic` were first seen: the late batch showed them first.
    """
    conn.execute(_SQL["delete_late"], {"from_at": from_at})
    conn.execute(_SQL["date_late"])


def save_gained(conn: Connection, batch_id: str, gained: Sequence[GainedEntry]) -> None:
    """Put back entries that a trial found in the archive, with the places of their documents."""
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
    conn.execute(_SQL["save_documents"], values)
    conn.execute(_SQL["date_first"], values)
    conn.execute(_SQL["save_gained"], values)


def note_followed(conn: Connection, sources: Sequence[EntrySource]) -> None:
    """For earlier documents of these feeds, store when the feed was next read completely."""
    values = {
        "feeds": [source.feed_key for source in sources],
        "times": [source.fetched_at for source in sources],
    }
    conn.execute(_SQL["followed"], values)


def delete_loaded(
    conn: Connection, names: Sequence[Name], times: Sequence[datetime | None]
) -> None:
    """Delete entries that are loaded now. One with a time in `times` is deleted only if its feed
    showed it last at that time."""
    conn.execute(_SQL["delete_loaded"], {**list_names(names), "times": list(times)})


def purge(conn: Connection, *, before: datetime) -> int:
    """Delete entries not shown since `before` that no recent trial would gain; return how many.

    Also delete the rows of documents that no entry needs any more.
    """
    purged = conn.execute(_SQL["purge"], {"before": before}).rowcount
    conn.execute(_SQL["purge_documents"])
    return purged


def find_first_documents(
    conn: Connection, entries: Iterable[OffTopicEntry]
) -> dict[Name, OffTopicEntry]:
    """By name, the entries that several documents showed, each with its first document."""
    earlier = [one for one in entries if one.first_seen_at < one.fetched_at]
    values = {
        "feeds": [one.feed_key for one in earlier],
        "times": [one.first_seen_at for one in earlier],
    }
    places = {(row.feed_key, row.started_at): row for row in conn.execute(_SQL["places"], values)}
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
    """By name, when the feed last showed each entry."""
    rows = conn.execute(_SQL["last_seen"], list_names(names))
    return {(row.feed_key, bytes(row.identity_hash)): row.last_seen_at for row in rows}


def list_names(names: Sequence[Name]) -> dict[str, object]:
    """The names as parameters."""
    return {
        "feeds": [feed_key for feed_key, _ in names],
        "identities": [identity for _, identity in names],
    }


def name_shown(shown: Sequence[ShownEntry]) -> dict[str, object]:
    """The entries and the times of their documents, as parameters."""
    names = list_names([one.name for one in shown])
    return {**names, "times": [one.source.fetched_at for one in shown]}


def _encode_scores(decisions: Sequence[TopicDecision]) -> str:
    scores = {decision.topic: round(decision.score, 4) for decision in decisions}
    return msgspec.json.encode(scores).decode()
