"""Rules tried on what was off topic and is remembered no more: its documents are in the archive.

Batch by batch, each kept as it is done. What the rules tried would gain comes back into
`ops.off_topic`, as if it had never been forgotten.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta

from silkwire.archive import ArchivedBatch, Damage, list_batches
from silkwire.model import ErrorClass, FetchOutcome, FetchResult, Identity, ParsedDocument
from silkwire.pipeline.context import Context
from silkwire.pipeline.matching import match_entry
from silkwire.pipeline.progress import SILENT, Progress
from silkwire.pipeline.replay_find import (
    REPLAY_LOCK,
    BatchContent,
    FoundBatch,
    describe_batch,
    read_content,
)
from silkwire.pipeline.replay_plan import EVERYTHING, Selection, apply_limits, read_known
from silkwire.pipeline.replay_rules import ArchivedRules, open_rules
from silkwire.pipeline.rereading import iterate_archived, locate, name_entries
from silkwire.pipeline.trial_recall import (
    Gained,
    LoadedBatch,
    Shown,
    find_batches_to_read,
    find_sources,
    keep_found,
    note_followed,
    note_read,
)
from silkwire.topics import Ruleset, load_ruleset
from silkwire.warehouse import batches
from silkwire.warehouse.sources import EntrySource

CHUNK = 4_000
"""Entries that are in memory at once."""


@dataclass(slots=True)
class ArchiveReading:
    """What a trial read of the archive."""

    batches_read: int = 0
    batches_gone: int = 0
    """No file of theirs is in the archive (any more)."""
    documents_read: int = 0
    documents_lost: int = 0
    """Of batches that are there, by what their decisions say; or the parser gave up on them."""
    entries_judged: int = 0
    """As often as a document showed them."""
    damages: list[Damage] = field(default_factory=list)
    rules_lost: tuple[str, ...] = ()
    """Versions that decided then, and that the archive lacks; the configured ones stood in."""


def judge_archive(
    ctx: Context,
    ruleset: Ruleset,
    ruleset_key: int,
    *,
    selection: Selection = EVERYTHING,
    progress: Progress = SILENT,
) -> ArchiveReading:
    """Have `ruleset` judge archived documents that it has not: those of batches older than
    `ops.off_topic` remembers, as far as their fetches are selected.

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
        batches.hold_lock(ctx.engine, REPLAY_LOCK, is_waiting=True),
        open_rules(ctx.settings) as rules,
    ):
        archived = {batch.batch_id: batch for batch in list_batches(ctx.settings.data_root)}
        trial = _Trial(ctx, ruleset, ruleset_key, selection, rules, reading)
        progress.start("archive", len(wanted))
        for batch in wanted:
            trial.read_batch(batch, archived.get(batch.archived_id))
            progress.advance()
        reading.rules_lost = tuple(sorted(rules.lost))
        progress.finish(
            f"{reading.documents_read:,} documents of {reading.batches_read:,} batches,"
            f" {len(reading.damages)} damages"
        )
    return reading


@dataclass(slots=True)
class _Trial:
    """One trial on its way through the archive."""

    ctx: Context
    ruleset: Ruleset
    ruleset_key: int
    selection: Selection
    rules: ArchivedRules
    reading: ArchiveReading
    rules_then: tuple[str, Ruleset] | None = None
    """The last that were asked for: batches of one ruleset follow one another."""

    def read_batch(self, batch: LoadedBatch, archived: ArchivedBatch | None) -> None:
        if archived is None:
            self.reading.batches_gone += 1
            return
        found = describe_batch(self.ctx.settings.data_root, archived)
        content = read_content(self.ctx.settings.data_root, found)
        self.reading.damages += content.damages
        self.reading.documents_lost += content.lost_count
        is_read = self._judge_documents(batch, found, content)
        self.reading.batches_read += 1
        if is_read and not content.damages and all(map(self._has, content.results)):
            with self.ctx.engine.begin() as conn:
                note_read(conn, self.ruleset_key, batch.batch_id)

    def _judge_documents(
        self, batch: LoadedBatch, found: FoundBatch, content: BatchContent
    ) -> bool:
        """Whether all that are there could be read."""
        sources = {locate(one): one for one in self._find_sources(batch, found, content)}
        whole: list[EntrySource] = []
        gained: list[Gained] = []
        others: list[Shown] = []
        read_count = 0
        for position, document in iterate_archived(self.ctx, sources.values()):
            source = sources[position]
            read_count += document.error_class is not ErrorClass.PARSER_LIMIT
            if document.error_class is None and document.items_in_bytes <= len(document.entries):
                whole.append(source)
            planned = content.planned.get(source.feed_url)
            topics_then = planned.topics if planned else source.feed_topics
            for shown in self._judge(batch, source, document, topics_then):
                if isinstance(shown, Gained):
                    gained.append(shown)
                else:
                    others.append(shown)
            if len(gained) + len(others) >= CHUNK:
                self._keep(batch, gained, others)
        self._keep(batch, gained, others)
        with self.ctx.engine.begin() as conn:
            note_followed(conn, whole)
        self.reading.documents_read += read_count
        self.reading.documents_lost += len(sources) - read_count
        return read_count == len(sources)

    def _judge(
        self,
        batch: LoadedBatch,
        source: EntrySource,
        document: ParsedDocument,
        topics_then: tuple[str, ...],
    ) -> Iterator[Shown]:
        """What would be gained, and what not; not what was on topic by the rules of then: that
        was loaded, or failed."""
        for named in name_entries(source, document):
            if named.identity is Identity.NONE:
                continue
            self.reading.entries_judged += 1
            decisions = match_entry(named.entry, self.ruleset, dedicated=source.feed_topics)
            if not any(decision.is_match for decision in decisions):
                yield Shown(source, named)
                continue
            then = self._find_rules(batch.ruleset)
            decisions_then = match_entry(named.entry, then, dedicated=topics_then)
            if not any(decision.is_match for decision in decisions_then):
                yield Gained(source, named, then.version, decisions_then, decisions)

    def _find_rules(self, version: str) -> Ruleset:
        if self.rules_then is None or self.rules_then[0] != version:
            self.rules_then = version, load_ruleset(self.rules.find_config(version))
        return self.rules_then[1]

    def _find_sources(
        self, batch: LoadedBatch, found: FoundBatch, content: BatchContent
    ) -> list[EntrySource]:
        """The documents that are selected, and that this warehouse has loaded."""
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

    def _keep(self, batch: LoadedBatch, gained: list[Gained], others: list[Shown]) -> None:
        with self.ctx.engine.begin() as conn:
            keep_found(conn, self.ruleset_key, batch.batch_id, gained, others)
        gained.clear()
        others.clear()
