"""What the DAGs call: settings read, pipeline run, and a report that XCom shows to people.

Light to import, since the DAG files are parsed again and again: each function imports what it
needs. Errors of ours reach Airflow as they are and fail the task.
"""

import logging
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

Report = dict[str, Any]
_log = logging.getLogger(__name__)


def plan_batch(run_id: str) -> Report:
    """Plan the batch of this Airflow run: `{batch_id, shards, due, skipped}`.

    A shard is `{shard, hosts}`, its number and whose feeds it holds. First ends what earlier runs
    left unfinished. For a run that was planned before, the same plan.
    """
    from silkwire.config import read_settings
    from silkwire.pipeline import finish_expired_batches, name_batch, open_context, read_watches
    from silkwire.pipeline import plan_batch as plan
    from silkwire.warehouse.tables.batches import AIRFLOW

    with open_context(read_settings()) as ctx:
        read_watches(ctx)  # a mistake in it is told before anything is fetched
        finish_expired_batches(ctx)
        planned = plan(ctx, batch_id=name_batch(ctx.now(), run_id), trigger=AIRFLOW)
    names = planned.shard_names or ("",) * planned.shard_count
    _say({"batch": planned.batch_id, "feeds due": planned.due_count, "shards": names})
    return {
        "batch_id": planned.batch_id,
        "shards": [{"shard": number, "hosts": name} for number, name in enumerate(names)],
        "due": planned.due_count,
        "skipped": planned.skipped_count,
    }


def fetch_shard(batch_id: str, shard: int, task: Mapping[str, Any]) -> Report:
    """Fetch one shard: how many attempts ended how. `task` leads from `ops.fetch` to the log."""
    from silkwire.config import read_settings
    from silkwire.pipeline import fetch_shard as fetch
    from silkwire.pipeline import open_context
    from silkwire.pipeline.upkeep.task_log import describe_failed_fetches

    with open_context(read_settings()) as ctx:
        report = fetch(ctx, batch_id, shard, task=task)
        failed = describe_failed_fetches(ctx, batch_id, task.get("map_index", shard))
    _say(report, failed)
    return report


def parse_batch(batch_id: str) -> Report:
    """Read the entries: `{documents, failed, items, entries}`."""
    from silkwire.config import read_settings
    from silkwire.pipeline import open_context
    from silkwire.pipeline import parse_batch as parse

    with open_context(read_settings()) as ctx:
        return _say(parse(ctx, batch_id))


def match_batch(batch_id: str) -> Report:
    """Decide the topics: `{ruleset, entries}` and how many are on each topic."""
    from silkwire.config import read_settings
    from silkwire.pipeline import match_batch as match
    from silkwire.pipeline import open_context

    with open_context(read_settings()) as ctx:
        return _say(match(ctx, batch_id))


def validate_batch(batch_id: str) -> Report:
    """Judge the entries: `{entries, failed, undated}`."""
    from silkwire.config import read_settings
    from silkwire.pipeline import open_context
    from silkwire.pipeline import validate_batch as validate

    with open_context(read_settings()) as ctx:
        return _say(validate(ctx, batch_id))


def load_batch(batch_id: str) -> Report:
    """Load the batch: the report that `silkwire ingest --json` prints."""
    from silkwire.config import read_settings
    from silkwire.pipeline import load_step, open_context
    from silkwire.pipeline.upkeep.task_log import describe_verdict

    with open_context(read_settings()) as ctx:
        report = asdict(load_step(ctx, batch_id))
        ended = describe_verdict(ctx, batch_id)
    _say(report, ended)
    return report


def describe_articles(batch_id: str) -> Report:
    """What the asset `silkwire_articles` says of a loaded batch: its rows and their watermark."""
    from silkwire.config import read_settings
    from silkwire.pipeline import open_context
    from silkwire.pipeline.upkeep.assets import describe_articles as describe

    with open_context(read_settings()) as ctx:
        return describe(ctx, batch_id)


def check_warehouse() -> Report:
    """Judge the warehouse: how many expectations hold. Raises ValidationError naming what fails."""
    from silkwire.config import read_settings
    from silkwire.errors import ValidationError
    from silkwire.pipeline import open_context
    from silkwire.pipeline.upkeep.check import check_warehouse as check
    from silkwire.pipeline.upkeep.check import describe_failures

    with open_context(read_settings()) as ctx:
        found = check(ctx)
    if found.failed:
        raise ValidationError(
            f"{len(found.failed)} of {len(found.checked)} expectations on the warehouse fail:\n"
            + describe_failures(found.failed)
        )
    return _say({"run_id": found.run_id, "expectations": len(found.checked), "failed": 0})


def tell() -> Report:
    """Tell who watches for something that came, and operators what needs a person."""
    from silkwire.config import read_settings
    from silkwire.pipeline import notify_all, open_context

    with open_context(read_settings()) as ctx:
        return _say(notify_all(ctx))


def refresh_statistics() -> Report:
    """Analyze the tables that changed: their names."""
    from silkwire.config import read_settings
    from silkwire.pipeline import open_context
    from silkwire.pipeline.upkeep.refresh import refresh_statistics as refresh

    with open_context(read_settings()) as ctx:
        return _say({"analyzed": list(refresh(ctx))})


def build_docs() -> Report:
    """Build Data Docs anew: `{index, page_count, run_count}`."""
    from silkwire.config import read_settings
    from silkwire.pipeline import open_context
    from silkwire.pipeline.upkeep.data_docs import build_docs as build

    with open_context(read_settings()) as ctx:
        return _say(asdict(build(ctx)))


def clean() -> Report:
    """Remove what is older than the settings say: `{off_topic_count, folder_count, …}`."""
    from silkwire.config import read_settings
    from silkwire.pipeline import open_context
    from silkwire.pipeline.upkeep.retention import clean as clean_up

    with open_context(read_settings()) as ctx:
        return _say(asdict(clean_up(ctx)))


async def tell_late(context: Any = None, *, dag_id: str, minutes: float) -> None:
    """Tell operators that a run is not done by its deadline; Airflow's triggerer calls this."""
    import asyncio

    run_id = (context or {}).get("dag_run", {}).get("run_id", "a run")
    await asyncio.to_thread(_tell_late, f"The run {run_id} of {dag_id}", minutes)


def _tell_late(run: str, minutes: float) -> None:
    from silkwire.config import read_settings
    from silkwire.pipeline import open_context
    from silkwire.pipeline.notify.watches import notify_operators
    from silkwire.warehouse.status import Concern

    late = Concern("late_run", f"{run} is not done after {minutes:g} minutes.")
    with open_context(read_settings()) as ctx:
        _say(notify_operators(ctx, also=[late]))


def _say(report: Report, lines: Iterable[str] = ()) -> Report:
    """Put a report into the task's log, one fact a line."""
    from silkwire.pipeline.upkeep.task_log import describe_report

    for line in (*describe_report(report), *lines):
        _log.info("%s", line)
    return report
