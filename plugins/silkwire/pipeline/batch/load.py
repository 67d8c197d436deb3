"""The load step: write a validated batch to the warehouse, with its verdict and feeds' state."""

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection

from silkwire.batchfiles import BatchFolder
from silkwire.feeds.lease import release_leases
from silkwire.feeds.schedule.decide import decide_updates
from silkwire.feeds.schedule.revisits import keep_known_validators
from silkwire.feeds.state import apply_updates, load_states
from silkwire.load import (
    LoadInput,
    StagedDocument,
    finish_load,
    stage_again,
    stage_batch,
)
from silkwire.model import (
    BatchReport,
    DocumentReport,
    ExpectationResult,
    FailedEntry,
    FeedCounts,
    FetchOutcome,
    FetchResult,
    LoadReport,
    MatchedEntry,
    MatchReport,
    StepReports,
    Verdict,
)
from silkwire.pipeline.batch import files
from silkwire.pipeline.batch.archive_notes import archive_decision
from silkwire.pipeline.batch.context import Context
from silkwire.pipeline.batch.holds import hold_documents
from silkwire.pipeline.batch.progress import SILENT, Progress
from silkwire.pipeline.batch.run_step import run_step
from silkwire.pipeline.batch.verdict import decide_staged
from silkwire.validate import prepare_validator
from silkwire.warehouse.tables import batches
from silkwire.warehouse.tables.fetches import mark_churn, mark_held
from silkwire.warehouse.tables.results import save_results

VERDICT_RESULTS_FROM = 101
"""The first number of the verdict's expectation results; the validate step numbers from 1."""


def load_step(ctx: Context, batch_id: str, *, progress: Progress = SILENT) -> BatchReport:
    """Load the batch, if it is not loaded yet, and return the report of all its steps."""

    def work() -> LoadReport:
        with ctx.engine.begin() as conn:
            # The step's lock ends with its connection; this row lock ends with the transaction.
            batch = batches.lock_batch(conn, batch_id)
            if batch.state != "running":
                return batch.reports.load or LoadReport()
            report = load_validated(ctx, conn, batch_id, now=ctx.now())
        progress.advance()
        return report

    run_step(ctx, batch_id, "load", work)
    with ctx.engine.begin() as conn:
        return report_batch(batches.get_batch(conn, batch_id))


def load_validated(
    ctx: Context,
    conn: Connection,
    batch_id: str,
    *,
    now: datetime,
    known_verdict: Verdict | None = None,
) -> LoadReport:
    """Load the batch in the caller's transaction.

    `now` is stored as `loaded_at`, and feeds are due from then. A replay gives the verdict that the
    batch had, and the time.
    """
    started = time.perf_counter()
    batch, folder = batches.get_batch(conn, batch_id), ctx.folder(batch_id)
    documents = {d.feed_key: d for d in folder.read(files.DOCUMENTS, DocumentReport)}
    results = tuple(files.read_fetches(folder, batch.plan.shards))
    planned = {feed.feed_key: feed for feed in files.read_feeds(folder, batch.plan.shards)}
    load_input = read_load_input(folder, batch)
    if load_input.documents:
        prepare_validator()  # takes seconds, so it runs before `stage_batch` locks
    counts = stage_batch(conn, load_input)
    decided, expected = decide_staged(ctx, conn, batch, documents.values(), counts)
    verdict = known_verdict or decided
    if verdict.held_documents:
        load_input = hold_documents(load_input, verdict.held_documents, planned.values())
        counts = stage_again(conn, load_input)
    save_results(conn, batch_id, tuple(folder.read(files.RESULTS, ExpectationResult)), now=now)
    save_results(conn, batch_id, expected, now=now, first_number=VERDICT_RESULTS_FROM)
    finish_load(conn, batch_id, load_input, verdict=verdict, now=now)
    if verdict.verdict != "held" and counts.articles.inserted:
        # Imported here: it is slow to import, and most batches bring no new article.
        from silkwire.syndication import link_copies  # noqa: PLC0415

        link_copies(conn, batch_id, window=ctx.settings.copy_window, now=now)
    states = load_states(conn, [result.feed_key for result in results])
    known = keep_known_validators(states, planned, results)
    updates = decide_updates(states, known, documents, counts.new_counts, now)
    apply_updates(conn, updates, batch_id=batch_id)
    mark_churn(conn, batch_id, [update.feed_key for update in updates if update.is_churn])
    held = {document.feed_url for document in verdict.held_documents}
    mark_held(conn, batch_id, [one.feed_key for one in planned.values() if one.feed_url in held])
    release_leases(conn, batch_id)
    report = LoadReport(
        verdict.verdict,
        _count_feeds(results, documents),
        round(time.perf_counter() - started, 3),
        verdict.held_documents,
    )
    # In the same transaction as the rows, so that every batch that is done has its report.
    batches.save_report(conn, batch_id, "load", report)
    archive_decision(ctx, conn, batch_id)
    return report


def read_load_input(folder: BatchFolder, batch: batches.Batch) -> LoadInput:
    """Read what the earlier steps wrote into the batch's folder; once it is loaded, with holds."""
    documents = folder.read(files.DOCUMENTS, DocumentReport)
    read = LoadInput(
        documents=tuple(
            StagedDocument(
                document.feed_key,
                document.fetched_at,
                document.archive_file,
                document.archive_offset,
                document.lost_count,
            )
            for document in documents
            if document.error_class is None
        ),
        rows=lambda: files.read_matched(folder),
        matches=lambda: folder.read(files.MATCHES, MatchedEntry),
        failed=tuple(folder.read(files.FAILED, FailedEntry)),
        ruleset=(batch.reports.match or MatchReport()).ruleset,
    )
    loaded = batch.reports.load or LoadReport()
    feeds = files.read_feeds(folder, batch.plan.shards)
    return hold_documents(read, loaded.held_documents, feeds)


def report_batch(batch: batches.Batch) -> BatchReport:
    """The batch's report, from its row in `ops.batch`; it is partial if the batch is unfinished."""
    feeds = batch.reports.load.feeds if batch.reports.load else {}
    return BatchReport(
        batch_id=batch.batch_id,
        verdict=batch.verdict or batch.state,
        feeds=FeedCounts(due=batch.plan.due, skipped=batch.plan.skipped, **feeds),
        entries=batch.entries,
        articles=batch.articles,
        seconds=_sum_seconds(batch.reports),
        held_documents=batch.reports.load.held_documents if batch.reports.load else (),
    )


def _count_feeds(
    results: Sequence[FetchResult], documents: Mapping[int, DocumentReport]
) -> dict[str, int]:
    """Feeds by outcome; a document that is no feed counts as failed."""

    def is_no_feed(result: FetchResult) -> bool:
        document = documents.get(result.feed_key)
        return document is not None and document.error_class is not None

    return Counter(
        FetchOutcome.FAILED.value if is_no_feed(result) else result.outcome.value
        for result in results
    )


def _sum_seconds(reports: StepReports) -> dict[str, float]:
    fetch = sum(report.seconds for report in reports.fetches.values())
    steps = {name: reports.find(name) for name in ("parse", "match", "validate", "load")}
    return {
        "fetch": round(fetch, 3),
        **{name: report.seconds if report else 0.0 for name, report in steps.items()},
    }
