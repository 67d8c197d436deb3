"""What the DAGs call: settings read, pipeline run, and a report that XCom shows to people.

Light to import, since the DAG files are parsed again and again: each function imports what it
needs. Errors of ours reach Airflow as they are and fail the task.
"""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

Report = dict[str, Any]


def plan_batch(run_id: str) -> Report:
    """Plan the batch of this Airflow run: `{batch_id, shards: [0, 1, …], due, skipped}`.

    First ends what earlier runs left unfinished. For a run that was planned before, the same plan.
    """
    from silkwire.config import read_settings
    from silkwire.pipeline import finish_expired_batches, name_batch, open_context
    from silkwire.pipeline import plan_batch as plan
    from silkwire.warehouse.batches import AIRFLOW

    with open_context(read_settings()) as ctx:
        finish_expired_batches(ctx)
        planned = plan(ctx, batch_id=name_batch(ctx.now(), run_id), trigger=AIRFLOW)
    return {
        "batch_id": planned.batch_id,
        "shards": list(range(planned.shard_count)),
        "due": planned.due_count,
        "skipped": planned.skipped_count,
    }


def fetch_shard(batch_id: str, shard: int, task: Mapping[str, Any]) -> Report:
    """Fetch one shard: how many attempts ended how. `task` leads from `ops.fetch` to the log."""
    from silkwire.config import read_settings
    from silkwire.pipeline import fetch_shard as fetch
    from silkwire.pipeline import open_context

    with open_context(read_settings()) as ctx:
        return fetch(ctx, batch_id, shard, task=task)


def parse_batch(batch_id: str) -> Report:
    from silkwire.config import read_settings
    from silkwire.pipeline import open_context
    from silkwire.pipeline import parse_batch as parse

    with open_context(read_settings()) as ctx:
        return parse(ctx, batch_id)


def match_batch(batch_id: str) -> Report:
    from silkwire.config import read_settings
    from silkwire.pipeline import match_batch as match
    from silkwire.pipeline import open_context

    with open_context(read_settings()) as ctx:
        return match(ctx, batch_id)


def validate_batch(batch_id: str) -> Report:
    from silkwire.config import read_settings
    from silkwire.pipeline import open_context
    from silkwire.pipeline import validate_batch as validate

    with open_context(read_settings()) as ctx:
        return validate(ctx, batch_id)


def load_batch(batch_id: str) -> Report:
    """Load the batch: the report that `silkwire ingest --json` prints."""
    from silkwire.config import read_settings
    from silkwire.pipeline import load_step, open_context

    with open_context(read_settings()) as ctx:
        return asdict(load_step(ctx, batch_id))
