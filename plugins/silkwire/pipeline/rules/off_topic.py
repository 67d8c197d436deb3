"""Match the entries of `ops.off_topic` with another ruleset; store its decisions separately."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from silkwire.load import lock_loads
from silkwire.model import IdentifiedEntry, ParsedDocument, ParsedEntry
from silkwire.pipeline.batch.context import Context
from silkwire.pipeline.batch.match import match_entry
from silkwire.pipeline.history.selection import Selection, select
from silkwire.pipeline.quarantine.reread import Position, locate, name_entries, parse_archived
from silkwire.topics import Ruleset
from silkwire.warehouse.tables.off_topic import trials
from silkwire.warehouse.tables.off_topic.entries import Name, OffTopicEntry

CHUNK = 4_000
"""Entries that are in memory at once."""


@dataclass(frozen=True, slots=True)
class MatchedChunk:
    """How many entries of one chunk were matched."""

    count: int
    unread_count: int
    """Entries that cannot be matched: no summary, and no document from which to read the body."""
    last: Name | None
    """The last entry's name; None after the last chunk."""


def match_chunk(
    ctx: Context, ruleset: Ruleset, ruleset_key: int, *, after: Name, selection: Selection
) -> MatchedChunk:
    """Match the next chunk of entries whose current text the ruleset has not matched."""
    with ctx.engine.begin() as conn:
        entries, last = trials.read_unmatched(
            conn, ruleset_key, select(selection), after=after, limit=CHUNK
        )
    texts = dict(_read_texts(ctx, entries))
    decided = [
        (entry, match_entry(texts[entry.name], ruleset, dedicated=entry.feed_topics))
        for entry in entries
        if entry.name in texts
    ]
    with ctx.engine.begin() as conn:
        lock_loads(conn)
        trials.save_decisions(conn, ruleset_key, decided)
    return MatchedChunk(len(decided), len(entries) - len(decided), last)


def find_named(
    entry: OffTopicEntry, documents: dict[Position, ParsedDocument]
) -> IdentifiedEntry | None:
    """The entry in its document, found by its identity; None if the document is gone."""
    document = documents.get(locate(entry))
    if document is None:
        return None
    name = entry.identity_hash.hex()
    named = name_entries(entry, document)
    known = (one for one in named if name in (one.identity_hash, *one.coarser_hashes))
    return next(known, None)


def _read_texts(
    ctx: Context, entries: Sequence[OffTopicEntry]
) -> Iterator[tuple[Name, ParsedEntry]]:
    """The text to match. Without a summary, the body is read from the archive."""
    documents = parse_archived(ctx, (one for one in entries if not one.summary))
    for one in entries:
        if one.summary:
            summary = one.summary
            yield one.name, ParsedEntry(0, title=one.title, summary=summary, language=one.language)
        elif (found := find_named(one, documents)) is not None:
            yield one.name, found.entry
