"""Retention: what the pipeline no longer needs goes, by settings. Articles stay."""

import posixpath
from dataclasses import dataclass
from datetime import timedelta

import fsspec
from sqlalchemy import text

from silkwire.archive import list_batches, remove_batch
from silkwire.batchfiles import BatchFolder
from silkwire.load import lock_loads
from silkwire.pipeline.batch.context import Context
from silkwire.pipeline.history.batches import REPLAY_LOCK
from silkwire.warehouse.schema.partitions import drop_old_partitions
from silkwire.warehouse.tables import batches
from silkwire.warehouse.tables.off_topic.entries import purge

# Decisions of rules that were tried and never adopted, and what they read of the archive.
_FORGET_TRIALS = (
    text("""
DELETE FROM core.fact_topic_match AS decision USING core.dim_ruleset AS ruleset
WHERE decision.ruleset_key = ruleset.ruleset_key
    AND ruleset.adopted_at IS NULL AND ruleset.scored_at < :before
"""),
    text("DELETE FROM core.dim_ruleset WHERE adopted_at IS NULL AND scored_at < :before"),
    text("""
DELETE FROM ops.archive_trial AS reading USING core.dim_ruleset AS ruleset
WHERE reading.ruleset_key = ruleset.ruleset_key AND ruleset.scored_at < :before
"""),
)
# Seen, not fetched: what is still shown is still kept out, or taken as passed.
_FORGET_RECORDS = text("""
DELETE FROM ops.quarantine
WHERE (status <> 'open' AND greatest(decided_at, last_seen_at) < :decided_before)
    OR (status = 'open' AND last_seen_at < CAST(:open_before AS timestamptz))
""")
# A held batch is decided on from its files and those of all that came since, however long it takes.
_ENDED = text("""
SELECT batch_id FROM ops.batch
WHERE batch_id = ANY(:found) AND (
    (state = 'done' AND verdict <> 'held' AND greatest(finished_at, decided_at) < :before)
    OR (state = 'abandoned' AND lease_expires_at < :before)
) AND NOT EXISTS (
    SELECT FROM ops.batch AS held
    WHERE held.verdict = 'held' AND held.started_at < batch.finished_at
)
ORDER BY batch_id
""")
# A batch of the archive is in the warehouse under its own name, or as what a replay made of it.
_SETTLED = text("""
WITH known AS (
    SELECT batch.*, coalesce(replays_batch_id, batch_id) AS archived_id
    FROM ops.batch
)
SELECT archived_id FROM known
WHERE archived_id = ANY(:found)
GROUP BY archived_id
HAVING bool_and(
    known.started_at < :before
    AND known.state IN ('done', 'abandoned')
    AND known.verdict IS DISTINCT FROM 'held'
    AND NOT EXISTS (
        SELECT FROM ops.quarantine AS record
        WHERE record.batch_id = known.batch_id AND record.status = 'open'
    )
)
""")


@dataclass(frozen=True, slots=True)
class Cleaned:
    """What went: rows of `ops.off_topic` and `ops.quarantine`, folders of batches, archive files,
    months of `ops` by table name."""

    off_topic_count: int
    quarantine_count: int
    folder_count: int
    archive_file_count: int
    months: tuple[str, ...]


def clean(ctx: Context) -> Cleaned:
    """Remove what is older than the settings say. Again is a no-op."""
    settings = ctx.settings
    before = ctx.now() - timedelta(days=settings.keep_off_topic_days)
    with ctx.engine.begin() as conn:
        lock_loads(conn)  # a batch may adopt them just now
        for statement in _FORGET_TRIALS:
            conn.execute(statement, {"before": before})
        forgotten = purge(conn, before=before)
    records = _forget_records(ctx)
    folders = _remove_folders(ctx)
    archive_files = _remove_archive_files(ctx)
    with ctx.engine.begin() as conn:
        months = drop_old_partitions(conn, keep_months=settings.keep_months, now=ctx.now())
    return Cleaned(forgotten, records, folders, archive_files, months)


def _forget_records(ctx: Context) -> int:
    settings, now = ctx.settings, ctx.now()
    before = {
        "decided_before": now - timedelta(days=settings.keep_quarantine_days),
        "open_before": settings.keep_open_days and now - timedelta(days=settings.keep_open_days),
    }
    with ctx.engine.begin() as conn:
        lock_loads(conn)  # a load that knows of a decision counts on its row
        return conn.execute(_FORGET_RECORDS, before).rowcount


def _remove_folders(ctx: Context) -> int:
    before = ctx.now() - timedelta(days=ctx.settings.keep_batch_days)
    with ctx.engine.begin() as conn:
        known = {"found": _list_folders(ctx.settings.data_root), "before": before}
        ended = conn.execute(_ENDED, known).scalars().all()
    for batch_id in ended:
        BatchFolder(ctx.settings.data_root, batch_id).remove()
    return len(ended)


def _remove_archive_files(ctx: Context) -> int:
    """Batches that this warehouse does not know keep theirs: another may share the data URL."""
    if ctx.settings.keep_archive_days is None:
        return 0
    before = ctx.now() - timedelta(days=ctx.settings.keep_archive_days)
    with batches.hold_lock(ctx.engine, REPLAY_LOCK, is_waiting=False) as is_idle:
        if not is_idle:
            return 0  # a replay reads the archive just now: tomorrow is early enough
        archived = {batch.batch_id: batch for batch in list_batches(ctx.settings.data_root)}
        with ctx.engine.begin() as conn:
            values = {"found": list(archived), "before": before}
            settled = conn.execute(_SETTLED, values).scalars().all()
        return sum(remove_batch(ctx.settings.data_root, archived[name]) for name in settled)


def _list_folders(data_root: str) -> list[str]:
    """Ids of the batches that have a folder."""
    fs, root = fsspec.core.url_to_fs(data_root)
    fs.invalidate_cache()
    try:
        return [posixpath.basename(path.rstrip("/")) for path in fs.ls(f"{root}/batches", False)]
    except FileNotFoundError:
        return []
