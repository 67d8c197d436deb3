"""The tasks of `ingest_feeds`, `refresh_marts` and `check_warehouse`; each returns its report.

A report is a dict of figures, which XCom stores and the Airflow UI shows.
"""

from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from silkwire.airflow.calls import Report, log_report, open_pipeline, run_step

if TYPE_CHECKING:
    from silkwire.pipeline import Context


def plan_batch(run_id: str) -> Report:
    """Plan the batch of this Airflow run; return `{batch_id, shards, due, skipped}`.

    A shard is `{shard, hosts}`: its number and the hosts of its feeds. A run that was planned
    before gets the same plan. Batches that earlier runs left unfinished are finished first.
    """
    from silkwire import pipeline
    from silkwire.warehouse.tables.batches import AIRFLOW

    with open_pipeline() as ctx:
        pipeline.register_watches(ctx)
        pipeline.finish_expired_batches(ctx)
        batch_id = pipeline.name_batch(ctx.now(), run_id)
        planned = pipeline.plan_batch(ctx, batch_id=batch_id, trigger=AIRFLOW)
    names = planned.plan.shard_names
    log_report({"batch": planned.batch_id, "feeds due": planned.plan.due, "shards": names})
    return {
        "batch_id": planned.batch_id,
        "shards": [{"shard": number, "hosts": name} for number, name in enumerate(names)],
        "due": planned.plan.due,
        "skipped": planned.plan.skipped,
    }


def fetch_shard(batch_id: str, shard: int, task: Mapping[str, Any]) -> Report:
    """Fetch the feeds of one shard; return the number of fetches by outcome.

    `task` names the Airflow task; `ops.fetch` stores it, so that a row leads to the task's log.
    """
    from silkwire import pipeline
    from silkwire.pipeline.upkeep.task_log import describe_failed_fetches

    with open_pipeline() as ctx:
        report = pipeline.fetch_shard(ctx, batch_id, shard, task=task)
        failed = describe_failed_fetches(ctx, batch_id, task.get("map_index", shard))
    return log_report(report, failed)


def parse_batch(batch_id: str) -> Report:
    """Parse the batch's new documents; return `{documents, failed, items, entries}`."""
    from silkwire import pipeline

    return run_step(pipeline.parse_batch, batch_id)


def match_batch(batch_id: str) -> Report:
    """Match the entries; return `{ruleset, entries}` and the number of entries on each topic."""
    from silkwire import pipeline

    return run_step(pipeline.match_batch, batch_id)


def validate_batch(batch_id: str) -> Report:
    """Validate the entries; return `{entries, failed, undated}`."""
    from silkwire import pipeline

    return run_step(pipeline.validate_batch, batch_id)


def load_batch(batch_id: str) -> Report:
    """Load the batch; return the report that `silkwire ingest --json` prints."""
    from silkwire import pipeline
    from silkwire.pipeline.upkeep.task_log import describe_batch, describe_verdict

    with open_pipeline() as ctx:
        report = pipeline.load_step(ctx, batch_id)
        lines = [*describe_batch(report), *describe_verdict(ctx, batch_id)]
    log_report({}, lines)
    return asdict(report)


def describe_articles(batch_id: str) -> Report:
    """The payload of an event of `silkwire_articles`: the batch's row counts and watermark."""
    from silkwire.pipeline.upkeep import assets

    with open_pipeline() as ctx:
        return assets.describe_articles(ctx, batch_id)


def check_warehouse() -> Report:
    """Validate the warehouse; return the number of expectations.

    Raises ValidationError if one fails.
    """
    from silkwire.errors import ValidationError
    from silkwire.pipeline.upkeep import check

    with open_pipeline() as ctx:
        found = check.check_warehouse(ctx)
    if found.failed:
        raise ValidationError(
            f"{len(found.failed)} of {len(found.checked)} expectations on the warehouse fail:\n"
            + check.describe_failures(found.failed)
        )
    return log_report({"run_id": found.run_id, "expectations": len(found.checked), "failed": 0})


def notify() -> Report:
    """Notify watchers of new articles, and operators of problems."""
    from silkwire import pipeline

    return run_step(pipeline.notify_all)


async def notify_late_run(context: Any = None, *, dag_id: str, minutes: float) -> None:
    """Notify operators that a run missed its deadline; Airflow's triggerer calls this."""
    import asyncio

    run_id = (context or {}).get("dag_run", {}).get("run_id", "a run")
    await asyncio.to_thread(_notify_late_run, f"The run {run_id} of {dag_id}", minutes)


def _notify_late_run(run: str, minutes: float) -> None:
    from silkwire.pipeline.notify.watches import notify_operators
    from silkwire.warehouse.status import Concern

    late = Concern("late_run", f"{run} is not done after {minutes:g} minutes.")
    run_step(notify_operators, also=[late])


def refresh_statistics() -> Report:
    """Run ANALYZE on the tables that changed, and return their names."""
    from silkwire.pipeline.upkeep import refresh

    def analyze(ctx: "Context") -> Report:
        return {"analyzed": list(refresh.refresh_statistics(ctx))}

    return run_step(analyze)


def build_docs() -> Report:
    """Build Data Docs; return `{index, page_count, run_count}`."""
    from silkwire.pipeline.upkeep import data_docs

    return run_step(data_docs.build_docs)


def clean() -> Report:
    """Remove what is older than SILKWIRE_KEEP_*; return `{off_topic_count, folder_count, …}`."""
    from silkwire.pipeline.upkeep import retention

    return run_step(retention.clean)
