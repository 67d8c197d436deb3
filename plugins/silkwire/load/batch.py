"""Load one batch: stage, decide each entry's fate, count, merge, set aside, finish.

One transaction, and one load at a time (an advisory lock), so that feeds which meet in one batch,
in two, or in two at once, leave the same rows. A batch that is done already is not touched.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, text

from silkwire.load import stage
from silkwire.load.decisions import add_decisions
from silkwire.load.statements import run_file
from silkwire.model import (
    ArticleCounts,
    DocumentReport,
    EntryBatchRow,
    EntryCounts,
    ExpectationResult,
    FailedEntry,
    MatchedEntry,
)
from silkwire.warehouse.copying import copy_rows
from silkwire.warehouse.tables.results import save_results

# Any number does, so long as every load takes the same one.
_LOAD_LOCK = 0x51_1C_01

_PLACED = text("SELECT entry_number, revision_key FROM placed WHERE revision_key IS NOT NULL")
_RULESET_KEY = text("SELECT ruleset_key FROM core.dim_ruleset WHERE version = :version")

Verdict = tuple[str, str | None]


@dataclass(frozen=True, slots=True)
class LoadInput:
    """What the steps before left. The callables read the batch's files anew each time."""

    documents: tuple[DocumentReport, ...]
    rows: Callable[[], Iterable[tuple[EntryBatchRow, MatchedEntry]]]
    matches: Callable[[], Iterable[MatchedEntry]]
    """The second half of `rows` alone, or of more than them: far less to read."""
    failed: tuple[FailedEntry, ...]
    results: tuple[ExpectationResult, ...]
    ruleset: str
    is_review: bool = False
    """Records of the quarantine, not whole documents: of what else their feeds show, nothing is
    known."""


@dataclass(frozen=True, slots=True)
class LoadedBatch:
    """What the load did; of a held batch, what it would do."""

    verdict: str
    verdict_reason: str | None
    entries: EntryCounts
    articles: ArticleCounts
    new_counts: dict[int, int]
    """feed_key → entries that were new to us (accepted, off topic or quarantined)."""


def load_batch(
    conn: Connection,
    batch_id: str,
    batch: LoadInput,
    *,
    decide_verdict: Callable[[EntryCounts], Verdict],
    now: datetime,
    reviewer: str | None = None,
) -> LoadedBatch:
    """Load `batch` in the caller's transaction and mark it done with the verdict decided here.

    A held batch loads nothing. `reviewer` is who released one.
    """
    lock_loads(conn)
    run_file(conn, "1_stage")
    stage_entries(conn, batch)
    run_file(conn, "2_decide")
    run_file(conn, "3_count")
    entries, articles = read_counts(conn)
    verdict, reason = decide_verdict(entries)
    parameters: dict[str, object] = {
        "batch_id": batch_id,
        "ruleset": batch.ruleset,
        "now": now,
        "verdict": verdict,
        "verdict_reason": reason,
        "reviewer": reviewer,
        "is_review": batch.is_review,
    }
    if verdict != "held":
        run_file(conn, "4_merge", parameters)
        load_decisions(conn, batch, now=now)
        run_file(conn, "5_off_topic", parameters)
        run_file(conn, "5_quarantine", parameters)
    if verdict != "released":
        save_results(conn, batch_id, batch.results, now=now)
    new_counts = _read_new_counts(conn)
    run_file(conn, "6_finish", parameters)
    return LoadedBatch(verdict, reason, entries, articles, new_counts)


def lock_loads(conn: Connection) -> None:
    """Keep every other load out until the transaction ends; again in it is a no-op."""
    conn.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOAD_LOCK})
    conn.execute(text("SET LOCAL work_mem = '64MB'"))
    # For what is staged; to look at 30,000 rows of each table would tell the planner little more.
    conn.execute(text("SET LOCAL default_statistics_target = 10"))


def read_fates(conn: Connection) -> dict[int, str]:
    """What became of each entry of the batch that this transaction has loaded, by its number."""
    rows = conn.execute(text("SELECT entry_number, fate FROM decided"))
    return {row.entry_number: row.fate for row in rows}


def stage_entries(conn: Connection, batch: LoadInput) -> None:
    """COPY what the batch's files hold into the tables of `1_stage`."""
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
    # Not the texts: to read them all is what takes the time.
    conn.execute(text("ANALYZE stage_entry (entry_number, feed_key, identity_hash, text_hash)"))


def load_decisions(
    conn: Connection, batch: LoadInput, *, now: datetime, schema: str = "core"
) -> None:
    """Add what was decided of every text that `4_merge` put in."""
    revision_keys = {row.entry_number: row.revision_key for row in conn.execute(_PLACED)}
    if not revision_keys:
        return
    judged = (
        (revision_keys[matched.entry_number], decision)
        for matched in batch.matches()
        if matched.entry_number in revision_keys
        for decision in matched.decisions
    )
    ruleset_key = conn.execute(_RULESET_KEY, {"version": batch.ruleset}).scalar_one()
    add_decisions(conn, ruleset_key, judged, now=now, schema=schema)


def read_counts(conn: Connection) -> tuple[EntryCounts, ArticleCounts]:
    """The sums of `3_count`."""
    row = conn.execute(
        text(
            "SELECT coalesce(sum(fetched_count), 0), coalesce(sum(inserted_count), 0),"
            " coalesce(sum(revised_count), 0), coalesce(sum(variant_count), 0),"
            " coalesce(sum(unchanged_count), 0), coalesce(sum(off_topic_count), 0),"
            " coalesce(sum(quarantined_count), 0) FROM counted"
        )
    ).one()
    fetched, inserted, revised, variant, unchanged, off_topic, quarantined = map(int, row)
    accepted = inserted + revised + variant
    return (
        EntryCounts(fetched, accepted, unchanged, off_topic, quarantined),
        ArticleCounts(inserted, revised, variant),
    )


def _read_new_counts(conn: Connection) -> dict[int, int]:
    """Per feed: texts that this feed had not shown before."""
    rows = conn.execute(
        text(
            "SELECT decided.feed_key, count(*) AS new_count FROM decided"
            " LEFT JOIN ops.off_topic AS known ON known.feed_key = decided.feed_key"
            "  AND known.identity_hash = decided.identity_hash"
            "  AND known.first_seen_at < decided.fetched_at"
            " WHERE fate IN ('inserted', 'revised', 'variant')"
            "  OR (fate = 'off_topic' AND known.feed_key IS NULL)"
            " GROUP BY decided.feed_key"
        )
    )
    return {row.feed_key: row.new_count for row in rows}
