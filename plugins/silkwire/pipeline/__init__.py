"""The pipeline: plan, then the five steps. The DAG and the command line call these functions."""

from silkwire.pipeline.batch.context import Context, open_context
from silkwire.pipeline.batch.load import load_step
from silkwire.pipeline.batch.plan import name_batch, plan_batch
from silkwire.pipeline.batch.progress import SILENT, Progress
from silkwire.pipeline.batch.recover import finish_expired_batches
from silkwire.pipeline.batch.steps import fetch_shard, match_batch, parse_batch, validate_batch
from silkwire.pipeline.ingest import ingest
from silkwire.pipeline.notify.watches import notify_all, read_watches, register_watches

__all__ = [
    "SILENT",
    "Context",
    "Progress",
    "fetch_shard",
    "finish_expired_batches",
    "ingest",
    "load_step",
    "match_batch",
    "name_batch",
    "notify_all",
    "open_context",
    "parse_batch",
    "plan_batch",
    "read_watches",
    "register_watches",
    "validate_batch",
]
