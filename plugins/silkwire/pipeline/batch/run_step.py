"""Run one step of a batch once, under a lock, and keep its report; a second run is a no-op."""

import time
from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from silkwire.errors import BatchError
from silkwire.model import FetchReport, LoadReport, MatchReport, ParseReport, ValidateReport
from silkwire.pipeline.batch.context import Context
from silkwire.warehouse.locks import hold_lock
from silkwire.warehouse.tables import batches

R = TypeVar("R", FetchReport, ParseReport, MatchReport, ValidateReport, LoadReport)


def run_step(ctx: Context, batch_id: str, step: str, work: Callable[[], R]) -> R | None:
    """Do `work` and store its report with its `seconds`; if the step is done, return its report.

    If two processes run the same step, the second waits for the first and does nothing. Returns
    None for a step that a finished batch never had. Raises BatchError if the batch was abandoned or
    never planned.
    """
    with hold_lock(ctx.engine, f"step {batch_id} {step}", is_waiting=True):
        with ctx.engine.begin() as conn:
            batch = batches.get_batch(conn, batch_id)
            batches.renew_lease(conn, batch_id, now=ctx.now(), lease=ctx.lease)
        kept = batch.reports.find(step)
        if kept is not None or batch.state == "done":
            return kept  # type: ignore[return-value]  # the step's own kind
        if batch.state != "running":
            raise BatchError(f"batch {batch_id} is {batch.state}: {batch.verdict_reason}")
        started = time.perf_counter()
        report = work()
        report = replace(report, seconds=round(time.perf_counter() - started, 3))
        with ctx.engine.begin() as conn:
            batches.save_report(conn, batch_id, step, report)
            batches.renew_lease(conn, batch_id, now=ctx.now(), lease=ctx.lease)
        return report
