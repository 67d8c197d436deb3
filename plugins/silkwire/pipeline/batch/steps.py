"""Fetch, parse, match and validate: each takes a batch id, leaves files and returns a report."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from silkwire.archive import read_bodies
from silkwire.batchfiles import BatchFolder
from silkwire.model import (
    DocumentReport,
    EntryBatchRow,
    FetchOutcome,
    FetchReport,
    FetchResult,
    MatchedEntry,
    MatchReport,
    ParsedDocument,
    ParseJob,
    ParseReport,
    PlannedFeed,
    ValidateReport,
)
from silkwire.parse import parse_documents
from silkwire.parse.entry.identity import IdentifiedDocument, hash_entries, identify_entries
from silkwire.pipeline.batch import files
from silkwire.pipeline.batch.archive_notes import archive_ruleset
from silkwire.pipeline.batch.context import Context
from silkwire.pipeline.batch.fetch import fetch_into_archive
from silkwire.pipeline.batch.match import match_entry
from silkwire.pipeline.batch.progress import SILENT, Progress
from silkwire.pipeline.batch.run_step import run_step
from silkwire.topics import load_ruleset, name_ruleset
from silkwire.validate import validate_entries
from silkwire.warehouse.tables import batches
from silkwire.warehouse.tables.fetches import describe_documents, replace_fetches


def fetch_shard(
    ctx: Context,
    batch_id: str,
    shard: int,
    *,
    task: Mapping[str, Any] | None = None,
    progress: Progress = SILENT,
    on_new: Callable[[PlannedFeed], None] = lambda feed: None,
) -> FetchReport | None:
    """Fetch one shard's feeds into one archive file. `task` names the Airflow task, if any.

    `on_new` is called with the feed of every new body, so that a run can start other processes
    meanwhile. A shard that was interrupted is resumed: feeds whose answers are in its archive file
    are not requested again.
    """

    def work() -> FetchReport:
        folder = ctx.folder(batch_id)
        feeds = list(folder.read(files.feeds_file(shard), PlannedFeed))
        results = fetch_into_archive(ctx, batch_id, shard, feeds, progress, on_new=on_new)
        with ctx.engine.begin() as conn:
            replace_fetches(conn, batch_id, results, dict(task or {}))
        folder.write(files.fetches_file(shard), results)
        return FetchReport(**Counter(result.outcome.value for result in results))

    return run_step(ctx, batch_id, f"fetch {shard}", work)


def parse_batch(ctx: Context, batch_id: str, *, progress: Progress = SILENT) -> ParseReport | None:
    """Read the entries of every new body."""

    def work() -> ParseReport:
        folder = ctx.folder(batch_id)
        shard_count = _shard_count(ctx, batch_id)
        feeds = {feed.feed_key: feed for feed in files.read_feeds(folder, shard_count)}
        fetched = _new_bodies(folder, shard_count)
        documents: list[DocumentReport] = []
        entries = _parse(ctx, feeds, fetched, documents, progress)
        entry_count = folder.write(files.ENTRIES, entries)
        folder.write(files.DOCUMENTS, documents)
        with ctx.engine.begin() as conn:
            describe_documents(conn, batch_id, documents)
        return ParseReport(
            documents=len(documents),
            failed=sum(document.error_class is not None for document in documents),
            items=sum(document.item_count for document in documents),
            entries=entry_count,
        )

    return run_step(ctx, batch_id, "parse", work)


def _shard_count(ctx: Context, batch_id: str) -> int:
    with ctx.engine.begin() as conn:
        return batches.get_batch(conn, batch_id).plan.shards


def _new_bodies(folder: BatchFolder, shard_count: int) -> list[FetchResult]:
    new = (r for r in files.read_fetches(folder, shard_count) if r.outcome is FetchOutcome.NEW)
    # Sorted by archive file and offset, so that each file is opened once; the load sorts by time.
    return sorted(new, key=lambda r: (r.archive_file or "", r.archive_offset or 0))


def _parse(
    ctx: Context,
    feeds: Mapping[int, PlannedFeed],
    fetched: list[FetchResult],
    documents: list[DocumentReport],
    progress: Progress,
) -> Iterator[EntryBatchRow]:
    """Yield the entries; append to `documents` what was found in each document."""
    by_feed = {result.feed_key: result for result in fetched}
    entry_number = 0
    parsed_documents = parse_documents(
        _parse_jobs(ctx, feeds, fetched),
        workers=ctx.settings.parse_workers,
        deadline_s=ctx.settings.parse_deadline,
    )
    for feed_key, parsed in parsed_documents:
        result, feed = by_feed[feed_key], feeds[feed_key]
        named = identify_entries(
            feed_key,
            parsed.entries,
            is_urls_repeat=feed.is_urls_repeat,
            is_guids_repeat=feed.is_guids_repeat,
        )
        documents.append(_report(result, parsed, named))
        progress.advance()
        for identified in named.entries:
            yield EntryBatchRow(entry_number, feed_key, result.started_at, identified)
            entry_number += 1


def _parse_jobs(
    ctx: Context, feeds: Mapping[int, PlannedFeed], fetched: list[FetchResult]
) -> Iterator[ParseJob]:
    positions = [(r.archive_file or "", r.archive_offset or 0) for r in fetched]
    bodies = read_bodies(ctx.settings.data_root, positions, max_bytes=ctx.settings.fetch_max_bytes)
    for result, archived in zip(fetched, bodies, strict=True):
        yield ParseJob(
            key=result.feed_key,
            body=archived.body,
            content_type=archived.content_type,
            url=result.final_url or result.fetch_url,
            language=feeds[result.feed_key].language,
        )


def _report(
    result: FetchResult, parsed: ParsedDocument, named: IdentifiedDocument
) -> DocumentReport:
    item_count = max(parsed.items_in_bytes, len(parsed.entries))
    return DocumentReport(
        feed_key=result.feed_key,
        fetched_at=result.started_at,
        archive_file=result.archive_file,
        archive_offset=result.archive_offset,
        format=parsed.format,
        encoding=parsed.encoding,
        encoding_evidence=parsed.encoding_evidence,
        item_count=item_count,
        lost_count=item_count - len(parsed.entries) if parsed.error_class is None else 0,
        error_class=parsed.error_class,
        error=parsed.error,
        title=parsed.title,
        ttl_s=parsed.ttl_s,
        suggested_feed_url=parsed.suggested_feed_url,
        is_urls_repeat=named.is_urls_repeat,
        is_guids_repeat=named.is_guids_repeat,
        entries_hash=hash_entries(named.entries) if parsed.error_class is None else None,
        skip_hours=parsed.skip_hours,
        skip_days=parsed.skip_days,
        undated_count=sum(entry.published_at is None for entry in parsed.entries),
    )


def match_batch(ctx: Context, batch_id: str, *, progress: Progress = SILENT) -> MatchReport | None:
    """Match every entry against the topic rules."""

    def work() -> MatchReport:
        folder = ctx.folder(batch_id)
        if next(folder.read(files.ENTRIES, EntryBatchRow), None) is None:
            version = name_ruleset(ctx.settings.config_dir)
            archive_ruleset(ctx, batch_id, version)
            return MatchReport(version, folder.write(files.MATCHES, ()))
        ruleset = load_ruleset(ctx.settings.config_dir)
        archive_ruleset(ctx, batch_id, ruleset.version)
        feeds = files.read_feeds(folder, _shard_count(ctx, batch_id))
        dedicated = {feed.feed_key: feed.topics for feed in feeds}
        matched: Counter[str] = Counter()

        def decide() -> Iterator[MatchedEntry]:
            for row in folder.read(files.ENTRIES, EntryBatchRow):
                decisions = match_entry(
                    row.identified.entry, ruleset, dedicated=dedicated[row.feed_key]
                )
                matched.update(d.topic for d in decisions if d.is_match)
                progress.advance()
                yield MatchedEntry(row.entry_number, decisions)

        entry_count = folder.write(files.MATCHES, decide())
        return MatchReport(ruleset.version, entry_count, dict(matched), ruleset.thresholds)

    return run_step(ctx, batch_id, "match", work)


def validate_batch(
    ctx: Context, batch_id: str, *, progress: Progress = SILENT
) -> ValidateReport | None:
    """Validate every entry and feed; store every expectation that an entry fails."""

    def work() -> ValidateReport:
        folder = ctx.folder(batch_id)
        validation = validate_entries(files.read_matched(folder))
        folder.write(files.FAILED, validation.failed)
        folder.write(files.RESULTS, validation.results)
        progress.advance()
        return ValidateReport(
            entries=len(validation.accepted) + len(validation.failed),
            failed=len(validation.failed),
            undated=validation.undated_count,
        )

    return run_step(ctx, batch_id, "validate", work)
