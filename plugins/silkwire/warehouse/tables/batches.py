"""Rows of `ops.batch`: a batch begins, runs under a lease, and is done or abandoned."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import Connection

from silkwire.errors import BatchError
from silkwire.model import ArticleCounts, EntryCounts, PlanReport, StepReport, StepReports
from silkwire.warehouse.statements import read_statements

_SQL = read_statements(__file__)

CLI = "cli"
AIRFLOW = "airflow"
REPLAY = "replay"
REVIEW = "review"
"""The trigger of a batch in which a person released or rejected quarantined records."""
RETRY = "retry"
"""The trigger of a batch in which `silkwire quarantine retry` released records that pass now."""
ADOPT = "adopt"
"""The trigger of a batch in which `silkwire topics adopt` loaded entries that match now."""
RECORD_TRIGGERS = (REVIEW, RETRY, ADOPT)
"""Batches with these triggers fetch nothing: they load single records."""


@dataclass(frozen=True, slots=True)
class Batch:
    """One row of `ops.batch`."""

    batch_id: str
    trigger: str
    state: str
    verdict: str | None
    verdict_reason: str | None
    is_listed_feeds: bool
    started_at: datetime
    lease_expires_at: datetime
    attempt_count: int
    reports: StepReports
    entries: EntryCounts
    articles: ArticleCounts

    @property
    def is_planned(self) -> bool:
        """Whether its feeds are leased; if not, there is nothing to resume."""
        return self.reports.plan is not None

    @property
    def plan(self) -> PlanReport:
        """Raises BatchError if it was never planned."""
        if self.reports.plan is None:
            raise BatchError(f"batch {self.batch_id} was never planned")
        return self.reports.plan


def begin_batch(
    conn: Connection,
    batch_id: str,
    *,
    trigger: str,
    is_listed_feeds: bool,
    now: datetime,
    lease: timedelta,
) -> None:
    values = {"batch_id": batch_id, "trigger": trigger, "is_listed": is_listed_feeds, "now": now}
    conn.execute(_SQL["begin"], {**values, "expires": now + lease})


def find_batch(conn: Connection, batch_id: str) -> Batch | None:
    row = conn.execute(_SQL["find"], {"batch_id": batch_id}).one_or_none()
    return None if row is None else _batch(row)


def get_batch(conn: Connection, batch_id: str) -> Batch:
    """Like `find_batch`, but raises BatchError if there is no such batch."""
    batch = find_batch(conn, batch_id)
    if batch is None:
        raise BatchError(f"there is no batch {batch_id}: it was never planned here")
    return batch


def lock_batch(conn: Connection, batch_id: str) -> Batch:
    """Like `get_batch`, and also lock the batch's row until the transaction ends."""
    conn.execute(_SQL["lock"], {"batch_id": batch_id})
    return get_batch(conn, batch_id)


def require_held(batch: Batch) -> Batch:
    """Return the batch. Raises BatchError if it is not held."""
    if batch.verdict != "held":
        raise BatchError(
            f"batch {batch.batch_id} is {batch.verdict or batch.state}, not held:"
            " there is nothing to decide"
        )
    return batch


def find_expired_batches(conn: Connection, *, now: datetime) -> tuple[Batch, ...]:
    """Running batches that may have lost their runner, oldest first.

    A command holds its batch's lock as long as it runs, so a free lock is enough. An Airflow batch
    holds no lock between tasks, so its lease must have expired. Replayed batches continue when the
    replay is run again.
    """
    values = {"commands": [CLI, *RECORD_TRIGGERS], "replay": REPLAY, "now": now}
    return tuple(map(_batch, conn.execute(_SQL["expired"], values)))


def reject_batch(conn: Connection, batch_id: str, *, reviewer: str, now: datetime) -> None:
    """Give a held batch the verdict rejected; its entries are not loaded."""
    conn.execute(_SQL["reject"], {"batch_id": batch_id, "reviewer": reviewer, "now": now})


def finish_rejection(
    conn: Connection, batch_id: str, record_count: int, *, reviewer: str, now: datetime
) -> None:
    """End a batch of `record_count` records that a person rejected."""
    values = {"batch_id": batch_id, "count": record_count, "reviewer": reviewer, "now": now}
    conn.execute(_SQL["finish_rejection"], values)


def read_feeds_loaded_since(conn: Connection, batch: "Batch") -> int:
    """How many of the batch's feeds a later batch has loaded already."""
    rows = conn.execute(_SQL["feeds_loaded_since"], {"batch_id": batch.batch_id})
    return int(rows.scalar_one())


def find_loaded_since(conn: Connection, batch_id: str) -> tuple[str, ...]:
    """Loaded batches with a document that was fetched at or after the first one of this batch."""
    return tuple(conn.execute(_SQL["loaded_since"], {"batch_id": batch_id}).scalars())


def is_any_held(conn: Connection) -> bool:
    """Whether any batch is held. The files of later batches are needed as long as one is."""
    return bool(conn.execute(_SQL["is_any_held"]).scalar_one())


def renew_lease(conn: Connection, batch_id: str, *, now: datetime, lease: timedelta) -> None:
    conn.execute(_SQL["renew_lease"], {"batch_id": batch_id, "expires": now + lease})


def count_attempt(conn: Connection, batch_id: str) -> None:
    conn.execute(_SQL["count_attempt"], {"batch_id": batch_id})


def forgive_attempt(conn: Connection, batch_id: str) -> None:
    """Undo `count_attempt`: a person stopped this runner, or its disk was full."""
    conn.execute(_SQL["forgive_attempt"], {"batch_id": batch_id})


def save_report(conn: Connection, batch_id: str, step: str, report: StepReport) -> None:
    """Store a step's report; a step that is run again overwrites it."""
    encoded = msgspec.json.encode(report).decode()
    conn.execute(_SQL["save_report"], {"batch_id": batch_id, "step": step, "report": encoded})


def abandon_batch(conn: Connection, batch_id: str, *, reason: str, now: datetime) -> None:
    """Abandon a batch; its feeds are due again, its archive files stay."""
    conn.execute(_SQL["abandon"], {"batch_id": batch_id, "reason": reason, "now": now})
    conn.execute(_SQL["free_feeds"], {"batch_id": batch_id})


def forget_batch(conn: Connection, batch_id: str) -> None:
    """Drop a batch that was begun and never planned: it has leased and fetched nothing."""
    conn.execute(_SQL["forget"], {"batch_id": batch_id})


def _read_reports(stored: dict[str, Any]) -> StepReports:
    """Convert the column `step_reports`; keys that this version does not know are ignored."""
    fetches = {
        int(name.removeprefix("fetch ")): report
        for name, report in stored.items()
        if name.startswith("fetch ")
    }
    return msgspec.convert({**stored, "fetches": fetches}, StepReports)


def _batch(row: Any) -> Batch:
    return Batch(
        row.batch_id,
        row.trigger,
        row.state,
        row.verdict,
        row.verdict_reason,
        row.is_listed_feeds,
        row.started_at,
        row.lease_expires_at,
        row.attempt_count,
        _read_reports(row.step_reports),
        EntryCounts(
            row.fetched_count,
            row.accepted_count,
            row.unchanged_count,
            row.off_topic_count,
            row.quarantined_count,
        ),
        ArticleCounts(row.inserted_count, row.revised_count, row.variant_count),
    )
