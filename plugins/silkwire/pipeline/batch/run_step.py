"""Run one step of a batch: once, under a lock, with its report kept. Again is a no-op."""

import time
from collections.abc import Callable
from typing import Any

from silkwire.errors import BatchError
from silkwire.pipeline.batch.context import Context
from silkwire.warehouse.tables import batches

Report = dict[str, Any]


def run_step(ctx: Context, batch_id: str, step: str, work: Callable[[], Report]) -> Report:
    """Do `work` and keep what it returns, with its `seconds`; return the kept report if it is done.

    A step that runs twice at once waits for the first and does nothing. Raises BatchError if the
    batch was abandoned or never planned.
    """
    with batches.hold_lock(ctx.engine, f"step {batch_id} {step}", is_waiting=True):
        with ctx.engine.begin() as conn:
            batch = batches.get_batch(conn, batch_id)
            batches.renew_lease(conn, batch_id, now=ctx.now(), lease=ctx.lease)
        if step in batch.step_reports or batch.state == "done":
            kept: Report = batch.step_reports.get(step, {})
            return kept
        if batch.state != "running":
            raise BatchError(f"batch {batch_id} is {batch.state}: {batch.verdict_reason}")
        started = time.perf_counter()
        report = work()
        report["seconds"] = round(time.perf_counter() - started, 3)
        with ctx.engine.begin() as conn:
            batches.save_step_report(conn, batch_id, step, report)
            batches.renew_lease(conn, batch_id, now=ctx.now(), lease=ctx.lease)
        return report
