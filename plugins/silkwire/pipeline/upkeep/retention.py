"""Retention: remove what is older than the settings allow. Articles are never removed."""

import posixpath
from dataclasses import dataclass
from datetime import datetime, timedelta

import fsspec

from silkwire.archive import list_batches, remove_batch
from silkwire.batchfiles import BatchFolder
from silkwire.load import lock_loads
from silkwire.pipeline.batch.context import Context
from silkwire.pipeline.history.batches import REPLAY_LOCK
from silkwire.warehouse.locks import hold_lock
from silkwire.warehouse.schema.partitions import drop_old_partitions
from silkwire.warehouse.statements import read_statements
from silkwire.warehouse.tables.off_topic.entries import purge

_SQL = read_statements(__file__)


@dataclass(frozen=True, slots=True)
class Cleaned:
    """Removed rows of `ops.off_topic` and `ops.quarantine`, batch folders and archive files.

    `months` names the monthly partitions of `ops` that were dropped.
    """

    off_topic_count: int
    quarantine_count: int
    folder_count: int
    archive_file_count: int
    months: tuple[str, ...]


def clean(ctx: Context) -> Cleaned:
    """Remove what is older than the settings allow. A second call removes nothing."""
    return Cleaned(
        off_topic_count=_purge_off_topic(ctx),
        quarantine_count=_purge_records(ctx),
        folder_count=_remove_folders(ctx),
        archive_file_count=_remove_archive_files(ctx),
        months=_drop_months(ctx),
    )


def _purge_off_topic(ctx: Context) -> int:
    until = {"until": _days_ago(ctx, ctx.settings.keep_off_topic_days)}
    with ctx.engine.begin() as conn:
        lock_loads(conn)  # an adoption may be using these trials and entries
        for name in ("decisions_of_trials", "trials", "archive_trials"):
            conn.execute(_SQL[name], until)
        return purge(conn, before=until["until"])


def _purge_records(ctx: Context) -> int:
    settings = ctx.settings
    limits = {
        "decided_until": _days_ago(ctx, settings.keep_quarantine_days),
        "open_until": settings.keep_open_days and _days_ago(ctx, settings.keep_open_days),
    }
    with ctx.engine.begin() as conn:
        lock_loads(conn)  # a running load may rely on the row of a decision
        return conn.execute(_SQL["records"], limits).rowcount


def _remove_folders(ctx: Context) -> int:
    data_root, until = ctx.settings.data_root, _days_ago(ctx, ctx.settings.keep_batch_days)
    values = {"found": _list_folders(data_root), "until": until}
    with ctx.engine.begin() as conn:
        ended = conn.execute(_SQL["ended_batches"], values).scalars().all()
    for batch_id in ended:
        BatchFolder(data_root, batch_id).remove()
    return len(ended)


def _remove_archive_files(ctx: Context) -> int:
    """Remove files of this warehouse's batches only: another warehouse may share the data URL."""
    data_root, days = ctx.settings.data_root, ctx.settings.keep_archive_days
    if days is None:
        return 0
    with hold_lock(ctx.engine, REPLAY_LOCK, is_waiting=False) as is_idle:
        if not is_idle:
            return 0  # a replay is reading the archive: the next day's run removes the files
        archived = {batch.batch_id: batch for batch in list_batches(data_root)}
        values = {"found": list(archived), "until": _days_ago(ctx, days)}
        with ctx.engine.begin() as conn:
            settled = conn.execute(_SQL["settled_batches"], values).scalars().all()
        return sum(remove_batch(data_root, archived[name]) for name in settled)


def _drop_months(ctx: Context) -> tuple[str, ...]:
    with ctx.engine.begin() as conn:
        return drop_old_partitions(conn, keep_months=ctx.settings.keep_months, now=ctx.now())


def _days_ago(ctx: Context, days: int) -> datetime:
    return ctx.now() - timedelta(days=days)


def _list_folders(data_root: str) -> list[str]:
    """The ids of the batches that have a folder."""
    fs, root = fsspec.core.url_to_fs(data_root)
    fs.invalidate_cache()
    try:
        return [posixpath.basename(path.rstrip("/")) for path in fs.ls(f"{root}/batches", False)]
    except FileNotFoundError:
        return []
