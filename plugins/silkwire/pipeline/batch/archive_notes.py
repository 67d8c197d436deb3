"""Notes in the archive beside the responses: rulesets, and how each batch ended.

A rebuild from the archive alone needs them.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from silkwire.archive import (
    ArchivedFeed,
    ArchivedFile,
    BatchDecision,
    GivenUp,
    RecordReference,
    keep_ruleset,
    name_decision,
    read_decision,
    write_decision,
)
from silkwire.errors import ArchiveError
from silkwire.model import StepReports
from silkwire.pipeline.batch.context import Context
from silkwire.warehouse.statements import read_statements
from silkwire.warehouse.tables import batches

_SQL = read_statements(__file__)


def name_archive_file(started_at: datetime, batch_id: str, shard: int) -> str:
    """The shard's WARC file, relative to the data URL."""
    return f"archive/{started_at:%Y/%m/%d}/{batch_id}-{shard:03d}.warc.gz"


def describe_feeds(conn: Connection, feed_keys: Iterable[int]) -> tuple[ArchivedFeed, ...]:
    """These feeds as `ops.feed` describes them now."""
    rows = conn.execute(_SQL["describe"], {"feed_keys": list(feed_keys)})
    return tuple(_feed(row) for row in rows)


def archive_ruleset(ctx: Context, batch_id: str, version: str) -> None:
    """Archive the ruleset with which the batch is matched; a second call is a no-op."""
    with ctx.engine.begin() as conn:
        started_at = batches.get_batch(conn, batch_id).started_at
    keep_ruleset(
        ctx.settings.data_root,
        version,
        ctx.settings.config_dir,
        batch_id=batch_id,
        started_at=started_at,
    )


def archive_decision(
    ctx: Context, conn: Connection, batch_id: str, *, records: Iterable[RecordReference] = ()
) -> None:
    """Archive how the batch ends, from its row in `ops.batch` in the caller's transaction.

    Call it last before the commit. If the commit fails, the step is tried again or the batch is
    abandoned, and either replaces the note. For a replay of an archived batch no note is written;
    a person's verdict is added to the note of the original batch.
    """
    row = conn.execute(_SQL["batch"], {"batch_id": batch_id}).one()
    data_root = ctx.settings.data_root
    if row.replays_batch_id is None:
        reports = batches.get_batch(conn, batch_id).reports
        decision = _describe_decision(conn, row, reports)
        write_decision(data_root, replace(decision, records=tuple(records)))
    elif row.verdict in ("released", "rejected"):
        _sign_original(data_root, row.replays_batch_id, row, tuple(records))


def _describe_decision(conn: Connection, row: "Row[Any]", reports: StepReports) -> BatchDecision:
    changed = conn.execute(_SQL["changed"], {"batch_id": row.batch_id})
    return BatchDecision(
        batch_id=row.batch_id,
        trigger=row.trigger,
        is_listed_feeds=row.is_listed_feeds,
        started_at=row.started_at,
        verdict=row.verdict or row.state,
        verdict_reason=row.verdict_reason,
        judged_at=row.judged_at or row.finished_at,
        decided_at=row.decided_at or row.finished_at,
        reviewer=row.reviewer,
        ruleset=row.ruleset,
        files=tuple(
            ArchivedFile(
                name_archive_file(row.started_at, row.batch_id, shard), report.attempt_count
            )
            for shard, report in sorted(reports.fetches.items())
        ),
        changed_feeds=describe_feeds(conn, changed.scalars()),
        given_up=tuple(
            GivenUp(document.feed_url, document.started_at, document.error)
            for document in conn.execute(_SQL["given_up"], {"batch_id": row.batch_id})
        ),
        held_documents=reports.load.held_documents if reports.load else (),
    )


def _sign_original(
    data_root: str, original: str, row: "Row[Any]", records: tuple[RecordReference, ...]
) -> None:
    try:
        decision = read_decision(data_root, name_decision(row.started_at, original))
    except ArchiveError:
        return  # the original has no note: the next replay decides again
    if decision.verdict != "held":
        return  # somebody decided before the replay
    signed = replace(
        decision,
        verdict=row.verdict,
        reviewer=row.reviewer,
        decided_at=row.decided_at,
        records=records,
    )
    write_decision(data_root, signed)


def _feed(row: "Row[Any]") -> ArchivedFeed:
    return ArchivedFeed(
        feed_key=row.feed_key,
        feed_url=row.feed_url,
        valid_from=row.valid_from,
        title=row.title,
        homepage_url=row.homepage_url,
        outlet=row.outlet,
        language=row.language,
        poll_s=row.poll_s,
        tags=tuple(row.tags),
        topics=tuple(row.topics),
    )
