"""The load step: a judged batch into the warehouse, with its verdict and its feeds' new state."""

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection

from silkwire.batchfiles import BatchFolder
from silkwire.feeds.lease import release_leases
from silkwire.feeds.schedule.decide import decide_updates
from silkwire.feeds.schedule.health import DocumentFacts
from silkwire.feeds.schedule.revisits import keep_known_validators
from silkwire.feeds.state import apply_updates, load_states
from silkwire.load import LoadInput, load_batch
from silkwire.model import (
    BatchReport,
    DocumentReport,
    EntryCounts,
    ExpectationResult,
    FailedEntry,
    FeedCounts,
    FetchOutcome,
    FetchResult,
    MatchedEntry,
    PlannedFeed,
)
from silkwire.pipeline.batch import files
from silkwire.pipeline.batch.archive_notes import archive_decision
from silkwire.pipeline.batch.context import Context
from silkwire.pipeline.batch.plan import read_plan
from silkwire.pipeline.batch.progress import SILENT, Progress
from silkwire.pipeline.batch.run_step import Report, run_step
from silkwire.validate import Limits, decide_verdict, prepare_validator
from silkwire.warehouse.tables import batches
from silkwire.warehouse.tables.fetches import mark_churn
from silkwire.warehouse.tables.history import BatchHistory, read_batch_history
from silkwire.warehouse.tables.results import save_results

Judge = Callable[[EntryCounts], tuple[str, str | None]]
"""The verdict on a batch with these counts, and its reason if it is not `published`."""
BATCH_RESULTS_FROM = 101
"""Numbers of the results that the verdict adds to those of the step before."""


def load_step(ctx: Context, batch_id: str, *, progress: Progress = SILENT) -> BatchReport:
    """Load the batch, once, and report on all of it."""

    def work() -> Report:
        with ctx.engine.begin() as conn:
            # The step's lock is lost with the connection that holds it; this one is not.
            batch = batches.lock_batch(conn, batch_id)
            if batch.state != "running":
                return dict(batch.step_reports.get("load", {}))
            report = _load(ctx, conn, batch_id)
        progress.advance()
        return report

    run_step(ctx, batch_id, "load", work)
    with ctx.engine.begin() as conn:
        return report_batch(batches.get_batch(conn, batch_id))


def _load(ctx: Context, conn: Connection, batch_id: str) -> Report:
    now = ctx.now()
    judge = judge_live(ctx, conn, batch_id, now=now)
    return load_judged(ctx, conn, batch_id, judge=judge, now=now, feeds_at=now)


def load_judged(
    ctx: Context,
    conn: Connection,
    batch_id: str,
    *,
    judge: Judge,
    now: datetime,
    feeds_at: datetime,
) -> Report:
    """Load the batch in the caller's transaction.

    `now` is when its rows are loaded, `feeds_at` when its feeds learned of their state.
    """
    started = time.perf_counter()
    folder, batch = ctx.folder(batch_id), batches.get_batch(conn, batch_id)
    documents = {d.feed_key: d for d in folder.read(files.DOCUMENTS, DocumentReport)}
    shard_count = read_plan(batch).shard_count
    results = tuple(files.read_fetches(folder, shard_count))
    asked = {feed.feed_key: feed for feed in files.read_feeds(folder, shard_count)}
    loaded = load_batch(
        conn, batch_id, read_load_input(folder, batch), decide_verdict=judge, now=now
    )
    if loaded.articles.inserted:
        # Slow to import, and most batches bring no article.
        from silkwire.syndication import link_copies  # noqa: PLC0415

        link_copies(conn, batch_id, window=ctx.settings.copy_window, now=now)
    facts = {key: _facts(document, loaded.new_counts) for key, document in documents.items()}
    _update_feeds(conn, batch_id, asked, results, facts, now=feeds_at)
    report = {"verdict": loaded.verdict, "feeds": _count_feeds(results, documents)}
    # In the same transaction as the rows: a batch that is done has its report.
    timed = {**report, "seconds": round(time.perf_counter() - started, 3)}
    batches.save_step_report(conn, batch_id, "load", timed)
    archive_decision(ctx, conn, batch_id)
    return report


def judge_live(ctx: Context, conn: Connection, batch_id: str, *, now: datetime) -> Judge:
    """The verdict by the settings and the batches before; its results are kept with the batch."""
    batch = batches.get_batch(conn, batch_id)
    history = BatchHistory()
    if batch.is_listed_feeds:
        history = read_batch_history(conn, before=batch.started_at)
    validated = batch.step_reports.get("validate", {})
    if validated.get("entries"):
        prepare_validator()  # what takes seconds must not be done under the lock of the load

    def judge(counts: EntryCounts) -> tuple[str, str | None]:
        judged = decide_verdict(
            counts,
            Limits(ctx.settings.hold_quarantined_share, ctx.settings.hold_min_entries),
            history,
            undated_count=validated.get("undated"),
            entry_count=validated.get("entries"),
        )
        save_results(conn, batch_id, judged.results, now=now, first_number=BATCH_RESULTS_FROM)
        return judged.verdict

    return judge


def read_load_input(folder: BatchFolder, batch: batches.Batch) -> LoadInput:
    """What the steps before left in the batch's folder."""
    documents = folder.read(files.DOCUMENTS, DocumentReport)
    return LoadInput(
        documents=tuple(d for d in documents if d.error_class is None),
        rows=lambda: files.read_matched(folder),
        matches=lambda: folder.read(files.MATCHES, MatchedEntry),
        failed=tuple(folder.read(files.FAILED, FailedEntry)),
        results=tuple(folder.read(files.RESULTS, ExpectationResult)),
        ruleset=batch.step_reports["match"]["ruleset"],
    )


def _update_feeds(
    conn: Connection,
    batch_id: str,
    asked: Mapping[int, PlannedFeed],
    results: Sequence[FetchResult],
    facts: Mapping[int, DocumentFacts],
    *,
    now: datetime,
) -> None:
    states = load_states(conn, [result.feed_key for result in results])
    updates = decide_updates(states, keep_known_validators(states, asked, results), facts, now)
    apply_updates(conn, updates, batch_id=batch_id)
    mark_churn(conn, batch_id, [update.feed_key for update in updates if update.is_churn])
    release_leases(conn, batch_id)


def _facts(document: DocumentReport, new_counts: Mapping[int, int]) -> DocumentFacts:
    return DocumentFacts(
        entry_count=document.item_count,
        new_entry_count=new_counts.get(document.feed_key, 0),
        entries_hash=document.entries_hash,
        ttl_s=document.ttl_s,
        skip_hours=document.skip_hours,
        skip_days=document.skip_days,
        error_class=document.error_class,
        error=document.error,
        suggested_feed_url=document.suggested_feed_url,
        is_urls_repeat=document.is_urls_repeat,
        is_guids_repeat=document.is_guids_repeat,
    )


def _count_feeds(
    results: Sequence[FetchResult], documents: Mapping[int, DocumentReport]
) -> dict[str, int]:
    """Outcomes, where a document that is no feed counts as failed."""

    def outcome(result: FetchResult) -> str:
        document = documents.get(result.feed_key)
        if document is not None and document.error_class is not None:
            return FetchOutcome.FAILED.value
        return result.outcome.value

    return dict(Counter(outcome(result) for result in results))


def report_batch(batch: batches.Batch) -> BatchReport:
    """What the batch did, from what it left in `ops.batch`; as far as it got."""
    plan = read_plan(batch)
    feeds = batch.step_reports.get("load", {}).get("feeds", {})
    return BatchReport(
        batch_id=batch.batch_id,
        verdict=batch.verdict or batch.state,
        feeds=FeedCounts(due=plan.due_count, skipped=plan.skipped_count, **feeds),
        entries=batch.entries,
        articles=batch.articles,
        seconds=_seconds(batch.step_reports),
    )


def _seconds(reports: Mapping[str, Report]) -> dict[str, float]:
    fetch = sum(r["seconds"] for name, r in reports.items() if name.startswith("fetch "))
    rest = {
        step: reports.get(step, {}).get("seconds", 0.0)
        for step in ("parse", "match", "validate", "load")
    }
    return {"fetch": round(fetch, 3), **rest}
