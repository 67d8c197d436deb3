"""Match archived documents with another ruleset where retention has purged off-topic entries.

Batches are read one after another, and each is kept when it is done. Entries that the ruleset would
gain are put back into `ops.off_topic`, as if they had never been purged.
"""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta

from silkwire.archive import ArchivedBatch, Damage, list_batches
from silkwire.model import ErrorClass, FetchOutcome, FetchResult, Identity, ParsedDocument
from silkwire.pipeline.batch.context import Context
from silkwire.pipeline.batch.match import match_entry
from silkwire.pipeline.batch.progress import SILENT, Progress
from silkwire.pipeline.history.batches import (
    REPLAY_LOCK,
    BatchContent,
    FoundBatch,
    describe_batch,
    read_content,
)
from silkwire.pipeline.history.known import apply_limits, read_known
from silkwire.pipeline.history.rulesets import ArchivedRules, open_rules
from silkwire.pipeline.history.selection import EVERYTHING, Selection
from silkwire.pipeline.quarantine.reread import iterate_archived, name_entries
from silkwire.pipeline.rules.recall import (
    LoadedBatch,
    find_batches_to_read,
    find_sources,
    keep_found,
    note_read,
)
from silkwire.topics import Ruleset, load_ruleset
from silkwire.warehouse.locks import hold_lock
from silkwire.warehouse.tables.off_topic.entries import GainedEntry, ShownEntry, note_followed
from silkwire.warehouse.tables.sources import EntrySource

CHUNK = 4_000
"""Entries that are in memory at once."""


@dataclass(slots=True)
class ArchiveReading:
    """What a trial read in the archive."""

    batches_read: int = 0
    batches_gone: int = 0
    """Batches that have no file in the archive."""
    documents_read: int = 0
    documents_lost: int = 0
    """Documents that are missing from existing files or exceed the parser's limits."""
    entries_judged: int = 0
    """How many entries were matched. An entry counts once for each document that showed it."""
    damages: list[Damage] = field(default_factory=list)
    rules_lost: tuple[str, ...] = ()
    """Versions that the archive lacks; the configured ruleset was used in their place."""


def match_archive(
    ctx: Context,
    ruleset: Ruleset,
    ruleset_key: int,
    *,
    selection: Selection = EVERYTHING,
    progress: Progress = SILENT,
) -> ArchiveReading:
    """Match the selected documents of batches that are older than the entries of `ops.off_topic`.

    A batch that is damaged, or selected in part, is read again by the next trial.
    """
    reading = ArchiveReading()
    before = ctx.now() - timedelta(days=ctx.settings.keep_off_topic_days)
    with ctx.engine.begin() as conn:
        wanted = find_batches_to_read(
            conn, ruleset, ruleset_key, before=before, selection=selection
        )
    if not wanted:
        return reading
    with (
        hold_lock(ctx.engine, REPLAY_LOCK, is_waiting=True),
        open_rules(ctx.settings) as rules,
    ):
        archived = {batch.batch_id: batch for batch in list_batches(ctx.settings.data_root)}
        trial = _Trial(ctx, ruleset, ruleset_key, selection, rules, reading, progress)
        progress.start("archive", len(wanted))
        trial.read((batch, archived.get(batch.archived_id)) for batch in wanted)
        reading.rules_lost = tuple(sorted(rules.lost))
        progress.finish(
            f"{reading.documents_read:,} documents of {reading.batches_read:,} batches,"
            f" {len(reading.damages)} damages"
        )
    return reading


@dataclass(slots=True)
class _Batch:
    """A batch that is being read. Documents are parsed ahead, so several batches can be open."""

    loaded: LoadedBatch
    is_complete: bool = True
    """Whether all its documents exist and are selected."""
    left_count: int = 0
    """Documents not matched yet, or beyond the parser's limits."""
    whole: list[EntrySource] = field(default_factory=list)
    """Documents that were matched and lost no entry in the parser."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Document(EntrySource):
    batch: _Batch
    topics_then: tuple[str, ...]
    """The topics to which its feed was dedicated when it was fetched."""


@dataclass(slots=True)
class _Trial:
    """One trial, reading the archive."""

    ctx: Context
    ruleset: Ruleset
    ruleset_key: int
    selection: Selection
    rules: ArchivedRules
    reading: ArchiveReading
    progress: Progress
    open: deque[_Batch] = field(default_factory=deque)
    """Batches that are not finished, oldest first."""
    gained: list[GainedEntry] = field(default_factory=list)
    others: list[ShownEntry] = field(default_factory=list)
    """`gained` and `others` belong to the oldest open batch and are not stored yet."""
    rules_then: tuple[str, Ruleset] | None = None
    """The ruleset that was loaded last, kept because successive batches often have the same one."""

    def read(self, wanted: Iterable[tuple[LoadedBatch, ArchivedBatch | None]]) -> None:
        """Send all batches through the same parser processes: a batch has few documents, and a
        process takes as long to start as to parse a hundred of them."""
        sources = (one for batch, archived in wanted for one in self._open(batch, archived))
        for source, document in iterate_archived(self.ctx, sources):
            while self.open[0] is not source.batch:
                self._close()
            if document.error_class is ErrorClass.PARSER_LIMIT:
                continue
            source.batch.left_count -= 1
            if document.error_class is None and document.items_in_bytes <= len(document.entries):
                source.batch.whole.append(source)
            self._match(source, document)
            if len(self.gained) + len(self.others) >= CHUNK:
                self._keep()
        while self.open:
            self._close()

    def _open(self, batch: LoadedBatch, archived: ArchivedBatch | None) -> list[_Document]:
        if archived is None:
            self.reading.batches_gone += 1
            self.progress.advance()
            return []
        found = describe_batch(self.ctx.settings.data_root, archived)
        content = read_content(self.ctx.settings.data_root, found)
        self.reading.damages += content.damages
        self.reading.documents_lost += content.lost_count
        opened = _Batch(batch, not content.damages and all(map(self._has, content.results)))
        documents = [
            _Document(
                **{name: getattr(source, name) for name in EntrySource.__slots__},
                batch=opened,
                topics_then=planned.topics if planned else source.feed_topics,
            )
            for source in self._find_sources(batch, found, content)
            for planned in (content.planned.get(source.feed_url),)
        ]
        opened.left_count = len(documents)
        self.reading.documents_read += len(documents)
        self.open.append(opened)
        return documents

    def _close(self) -> None:
        """Store the gained entries of the oldest open batch, and store that the batch was read."""
        self._keep()
        batch = self.open.popleft()
        with self.ctx.engine.begin() as conn:
            note_followed(conn, batch.whole)
            if batch.is_complete and not batch.left_count:
                note_read(conn, self.ruleset_key, batch.loaded.batch_id)
        self.reading.batches_read += 1
        self.reading.documents_read -= batch.left_count
        self.reading.documents_lost += batch.left_count
        self.progress.advance()

    def _match(self, source: _Document, document: ParsedDocument) -> None:
        """Sort the document's entries into `gained` (on topic now and not then) and `others`.

        Entries that were on topic by the ruleset then in force are in neither: they were loaded
        or quarantined.
        """
        for named in name_entries(source, document):
            if named.identity is Identity.NONE:
                continue
            self.reading.entries_judged += 1
            decisions = match_entry(named.entry, self.ruleset, dedicated=source.feed_topics)
            if not any(decision.is_match for decision in decisions):
                self.others.append(ShownEntry(source, named))
                continue
            then = self._find_rules(source.batch.loaded.ruleset)
            decisions_then = match_entry(named.entry, then, dedicated=source.topics_then)
            if not any(decision.is_match for decision in decisions_then):
                gained = GainedEntry(source, named, then.version, decisions_then, decisions)
                self.gained.append(gained)

    def _find_rules(self, version: str) -> Ruleset:
        if self.rules_then is None or self.rules_then[0] != version:
            self.rules_then = version, load_ruleset(self.rules.find_config(version))
        return self.rules_then[1]

    def _find_sources(
        self, batch: LoadedBatch, found: FoundBatch, content: BatchContent
    ) -> list[EntrySource]:
        """The selected documents that this warehouse has loaded."""
        results = [
            result
            for result in apply_limits(found, content.results)
            if result.outcome is FetchOutcome.NEW and self._has(result)
        ]
        with self.ctx.engine.begin() as conn:
            if not batch.is_whole:
                known = read_known(conn, results)
                results = [one for one in results if (one.feed_url, one.started_at) in known]
            return find_sources(conn, results)

    def _has(self, result: FetchResult) -> bool:
        return self.selection.has(result.feed_url, result.started_at)

    def _keep(self) -> None:
        with self.ctx.engine.begin() as conn:
            batch_id = self.open[0].loaded.batch_id
            keep_found(conn, self.ruleset_key, batch_id, self.gained, self.others)
        self.gained.clear()
        self.others.clear()
