"""Load one batch: stage its entries, decide each one's outcome, count them, merge them into core.

A load is one transaction, and an advisory lock lets only one run at a time. So the same entries
leave the same rows whether their feeds come in one batch, in two, or in two at once.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, text

from silkwire.load import stage
from silkwire.load.decisions import add_decisions
from silkwire.load.stage import StagedDocument
from silkwire.load.statements import run_file
from silkwire.model import (
    ArticleCounts,
    EntryBatchRow,
    EntryCounts,
    FailedEntry,
    MatchedEntry,
    Verdict,
)
from silkwire.warehouse.copying import copy_rows
from silkwire.warehouse.statements import read_statements
from silkwire.warehouse.tables.off_topic.entries import save_staged

_LOAD_LOCK = 0x51_1C_01
"""The number of the advisory lock for loads; any number would do."""

_SQL = read_statements(__file__)
RELEASED = Verdict("released")


@dataclass(frozen=True, slots=True)
class LoadInput:
    """The input of a load. `rows` and `matches` read the batch's files again at each call."""

    documents: tuple[StagedDocument, ...]
    rows: Callable[[], Iterable[tuple[EntryBatchRow, MatchedEntry]]]
    matches: Callable[[], Iterable[MatchedEntry]]
    """The decisions on at least all `rows`; much quicker to read than `rows`."""
    failed: tuple[FailedEntry, ...]
    ruleset: str
    is_review: bool = False
    """True for single records of the quarantine: the other entries of their documents are
    unknown."""


@dataclass(frozen=True, slots=True)
class StagedCounts:
    """What a load would do, or did."""

    entries: EntryCounts
    articles: ArticleCounts
    new_counts: dict[int, int]
    """By feed key, entries that this feed had not shown before, off-topic ones included."""
    documents: dict[int, EntryCounts] = field(default_factory=dict)
    """By feed key."""


def load_batch(
    conn: Connection,
    batch_id: str,
    batch: LoadInput,
    *,
    verdict: Verdict,
    now: datetime,
    reviewer: str | None = None,
) -> StagedCounts:
    """Load `batch` in the caller's transaction, with a verdict that is known beforehand."""
    counts = stage_batch(conn, batch)
    finish_load(conn, batch_id, batch, verdict=verdict, now=now, reviewer=reviewer)
    return counts


def stage_batch(conn: Connection, batch: LoadInput) -> StagedCounts:
    """Stage the entries in temporary tables and decide each one's outcome; core is not changed."""
    lock_loads(conn)
    run_file(conn, "stage")
    stage_entries(conn, batch)
    run_file(conn, "decide")
    run_file(conn, "count")
    return StagedCounts(*read_counts(conn), _read_new_counts(conn), _read_documents(conn))


def stage_again(conn: Connection, batch: LoadInput) -> StagedCounts:
    """As `stage_batch`, in place of what this transaction has staged."""
    conn.execute(_SQL["unstage"])
    return stage_batch(conn, batch)


def finish_load(
    conn: Connection,
    batch_id: str,
    batch: LoadInput,
    *,
    verdict: Verdict,
    now: datetime,
    reviewer: str | None = None,
) -> None:
    """Merge what `stage_batch` staged, unless the batch is held, and mark the batch done.

    `reviewer` is who released the batch.
    """
    parameters: dict[str, object] = {
        "batch_id": batch_id,
        "ruleset": batch.ruleset,
        "now": now,
        "verdict": verdict.verdict,
        "verdict_reason": verdict.reason,
        "reviewer": reviewer,
        "is_review": batch.is_review,
    }
    if verdict.verdict != "held":
        run_file(conn, "merge", parameters)
        load_decisions(conn, batch, now=now)
        run_file(conn, "off_topic", parameters)
        save_staged(conn)
        run_file(conn, "quarantine", parameters)
    run_file(conn, "finish", parameters)


def lock_loads(conn: Connection) -> None:
    """Wait for other loads and keep them out until the transaction ends."""
    conn.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOAD_LOCK})
    conn.execute(text("SET LOCAL work_mem = '64MB'"))
    # Staged tables are analyzed; the default of 100 would sample 30,000 rows for no better plan.
    conn.execute(text("SET LOCAL default_statistics_target = 10"))


def read_outcomes(conn: Connection) -> dict[int, str]:
    """The outcome of each entry that this transaction has staged, by its number."""
    rows = conn.execute(text("SELECT entry_number, outcome FROM decided"))
    return {row.entry_number: row.outcome for row in rows}


def stage_entries(conn: Connection, batch: LoadInput) -> None:
    """COPY the batch into the staging tables."""
    failed = {record.entry_number: record for record in batch.failed}
    copy_rows(
        conn,
        "stage_document",
        stage.DOCUMENT_COLUMNS,
        (stage.document_row(document) for document in batch.documents),
    )
    copy_rows(
        conn,
        "stage_entry",
        stage.ENTRY_COLUMNS,
        (
            stage.entry_row(row, matched, failed.get(row.entry_number))
            for row, matched in batch.rows()
        ),
    )
    copy_rows(
        conn,
        "stage_reason",
        stage.REASON_COLUMNS,
        (row for record in batch.failed for row in stage.reason_rows(record)),
    )
    # Leaves out the columns of texts, which take most of the time to read.
    conn.execute(text("ANALYZE stage_entry (entry_number, feed_key, identity_hash, text_hash)"))


def load_decisions(
    conn: Connection, batch: LoadInput, *, now: datetime, schema: str = "core"
) -> None:
    """Add the topic decisions of every revision that the merge inserted."""
    revision_keys = {row.entry_number: row.revision_key for row in conn.execute(_SQL["placed"])}
    if not revision_keys:
        return
    decided = (
        (revision_keys[matched.entry_number], decision)
        for matched in batch.matches()
        if matched.entry_number in revision_keys
        for decision in matched.decisions
    )
    ruleset_key = conn.execute(_SQL["ruleset_key"], {"version": batch.ruleset}).scalar_one()
    add_decisions(conn, ruleset_key, decided, now=now, schema=schema)


def read_counts(conn: Connection) -> tuple[EntryCounts, ArticleCounts]:
    """The sums over the table `counted`."""
    row = conn.execute(_SQL["counts"]).one()
    fetched, inserted, revised, variant, unchanged, off_topic, quarantined = map(int, row)
    accepted = inserted + revised + variant
    return (
        EntryCounts(fetched, accepted, unchanged, off_topic, quarantined),
        ArticleCounts(inserted, revised, variant),
    )


def _read_new_counts(conn: Connection) -> dict[int, int]:
    rows = conn.execute(_SQL["new_counts"])
    return {row.feed_key: row.new_count for row in rows}


def _read_documents(conn: Connection) -> dict[int, EntryCounts]:
    return {row.feed_key: EntryCounts(*row[1:]) for row in conn.execute(_SQL["documents"])}
