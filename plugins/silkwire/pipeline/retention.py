"""Retention: what the pipeline no longer needs goes, by settings. Articles and archive stay."""

import posixpath
from dataclasses import dataclass
from datetime import timedelta

import fsspec
from sqlalchemy import text

from silkwire.batchfiles import BatchFolder
from silkwire.pipeline.context import Context
from silkwire.warehouse.partitions import drop_old_partitions

_FORGET_OFF_TOPIC = text("DELETE FROM ops.off_topic WHERE last_seen_at < :before")
# A held batch is decided on from its files, however long that takes.
_ENDED = text("""
SELECT batch_id FROM ops.batch
WHERE batch_id = ANY(:found) AND (
    (state = 'done' AND verdict <> 'held' AND greatest(finished_at, decided_at) < :before)
    OR (state = 'abandoned' AND lease_expires_at < :before)
)
ORDER BY batch_id
""")


@dataclass(frozen=True, slots=True)
class Cleaned:
    """What went: rows of `ops.off_topic`, folders of batches, months of `ops` by table name."""

    off_topic_count: int
    folder_count: int
    months: tuple[str, ...]


def clean(ctx: Context) -> Cleaned:
    """Remove what is older than the settings say. Again is a no-op."""
    settings = ctx.settings
    with ctx.engine.begin() as conn:
        before = ctx.now() - timedelta(days=settings.keep_off_topic_days)
        forgotten = conn.execute(_FORGET_OFF_TOPIC, {"before": before}).rowcount
    folders = _remove_folders(ctx)
    with ctx.engine.begin() as conn:
        months = drop_old_partitions(conn, keep_months=settings.keep_months, now=ctx.now())
    return Cleaned(forgotten, folders, months)


def _remove_folders(ctx: Context) -> int:
    before = ctx.now() - timedelta(days=ctx.settings.keep_batch_days)
    with ctx.engine.begin() as conn:
        known = {"found": _list_folders(ctx.settings.data_root), "before": before}
        ended = conn.execute(_ENDED, known).scalars().all()
    for batch_id in ended:
        BatchFolder(ctx.settings.data_root, batch_id).remove()
    return len(ended)


def _list_folders(data_root: str) -> list[str]:
    """Ids of the batches that have a folder."""
    fs, root = fsspec.core.url_to_fs(data_root)
    fs.invalidate_cache()
    try:
        return [posixpath.basename(path.rstrip("/")) for path in fs.ls(f"{root}/batches", False)]
    except FileNotFoundError:
        return []
