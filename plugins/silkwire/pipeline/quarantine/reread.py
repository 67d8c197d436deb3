"""Parse archived documents again, and find records of the quarantine in them."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import Connection

from silkwire.archive import read_bodies
from silkwire.errors import ArchiveError
from silkwire.model import IdentifiedEntry, ParsedDocument, ParseJob
from silkwire.parse import parse_documents
from silkwire.parse.entry.identity import identify_entries
from silkwire.pipeline.batch.context import Context
from silkwire.pipeline.quarantine.candidates import fingerprint, identify, read_payload
from silkwire.warehouse.tables import quarantine
from silkwire.warehouse.tables.quarantine import QuarantinedRecord
from silkwire.warehouse.tables.sources import EntrySource

Position = tuple[str | None, int | None]
S = TypeVar("S", bound=EntrySource)


@dataclass(frozen=True, slots=True)
class RereadRecord:
    """A record as today's parser reads it."""

    record: QuarantinedRecord
    entries: tuple[IdentifiedEntry, ...]
    """The record's entry; if the parser had lost it, the document's yet unknown entries."""
    is_read: bool = True
    """Whether the parser finds the entry in its document."""


def reread(ctx: Context, records: Sequence[QuarantinedRecord]) -> list[RereadRecord]:
    """Read each record with today's parser, or as it was stored if its document is gone."""
    documents = parse_archived(ctx, records)
    with ctx.engine.begin() as conn:
        return list(_read(conn, records, documents))


def _read(
    conn: Connection,
    records: Sequence[QuarantinedRecord],
    documents: dict[Position, ParsedDocument],
) -> Iterator[RereadRecord]:
    recovered: set[Position] = set()
    for record in records:
        payload, document = json.loads(record.payload), documents.get(locate(record))
        if "lost_number" in payload:
            is_read = document is not None and payload["lost_number"] > _count_lost(document)
            entries: tuple[IdentifiedEntry, ...] = ()
            if document is not None and is_read and locate(record) not in recovered:
                recovered.add(locate(record))
                entries = _find_unknown(conn, record, name_entries(record, document))
            yield RereadRecord(record, entries, is_read)
            continue
        old = identify(record, read_payload(record))
        if document is None:
            yield RereadRecord(record, (old,))
            continue
        found = find_entry(old, name_entries(record, document))
        yield RereadRecord(record, (found,) if found else (), is_read=found is not None)


def find_entry(old: IdentifiedEntry, named: Sequence[IdentifiedEntry]) -> IdentifiedEntry | None:
    """The document's entry that the old one was read from, or None. Pure.

    It has the same guid, url or text; without guid and url the same position is enough.
    """
    before = old.entry

    def compare(new: IdentifiedEntry) -> tuple[bool, bool, bool, bool]:
        entry = new.entry
        return (
            before.guid is not None and entry.guid == before.guid,
            before.url is not None and entry.url == before.url,
            new.text_hash == old.text_hash,
            entry.position == before.position,
        )

    best = max(named, key=compare, default=None)
    if best is None:
        return None
    *is_same, is_in_place = compare(best)
    is_nameless = before.guid is None and before.url is None
    return best if any(is_same) or (is_nameless and is_in_place) else None


def parse_archived(ctx: Context, sources: Iterable[EntrySource]) -> dict[Position, ParsedDocument]:
    """Parse each document of these sources once, keyed by `locate`, unless it is gone."""
    wanted = {locate(source): source for source in sources}
    in_order = [wanted[position] for position in sorted(wanted, key=str)]
    return {locate(source): document for source, document in iterate_archived(ctx, in_order)}


def iterate_archived(ctx: Context, sources: Iterable[S]) -> Iterator[tuple[S, ParsedDocument]]:
    """Yield each source with its parsed document, in this order.

    Reads a few sources, with their bodies in memory, ahead of the one that is yielded.
    """
    ahead: dict[int, S] = {}

    def read_jobs() -> Iterator[ParseJob]:
        for number, source in enumerate(sources):
            job = _read_job(ctx, number, source)
            if job is not None:
                ahead[number] = source
                yield job

    for number, parsed in parse_documents(
        read_jobs(), workers=ctx.settings.parse_workers, deadline_s=ctx.settings.parse_deadline
    ):
        yield ahead.pop(number), parsed


def _read_job(ctx: Context, number: int, source: EntrySource) -> ParseJob | None:
    """None if retention removed the document or its file is damaged."""
    if source.archive_file is None:
        return None
    position = [(source.archive_file, source.archive_offset or 0)]
    try:
        bodies = read_bodies(
            ctx.settings.data_root, position, max_bytes=ctx.settings.fetch_max_bytes
        )
        (archived,) = bodies
    except ArchiveError:
        return None
    return ParseJob(
        key=number,
        body=archived.body,
        content_type=archived.content_type,
        url=source.document_url,
        language=source.feed_language,
    )


def name_entries(source: EntrySource, document: ParsedDocument) -> tuple[IdentifiedEntry, ...]:
    """Identify the document's entries, by the current flags of its feed."""
    return identify_entries(
        source.feed_key,
        document.entries,
        is_urls_repeat=source.is_urls_repeat,
        is_guids_repeat=source.is_guids_repeat,
    ).entries


def _find_unknown(
    conn: Connection, record: QuarantinedRecord, named: Sequence[IdentifiedEntry]
) -> tuple[IdentifiedEntry, ...]:
    places = quarantine.find_unknown(
        conn,
        record.feed_key,
        [bytes.fromhex(one.identity_hash) for one in named],
        [fingerprint(one) for one in named],
    )
    return tuple(one for place, one in enumerate(named) if place in places)


def _count_lost(document: ParsedDocument | None) -> Any:
    if document is None or document.error_class is not None:
        return float("inf")
    return max(document.items_in_bytes - len(document.entries), 0)


def locate(source: EntrySource) -> Position:
    """The key of a source's document in `parse_archived`."""
    return source.archive_file, source.archive_offset
