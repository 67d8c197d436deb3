"""The pipeline: plan, then the five steps. The DAG and the command line call these functions."""

from silkwire.pipeline.context import Context, open_context
from silkwire.pipeline.ingest import finish_expired_batches, ingest
from silkwire.pipeline.load import load_step
from silkwire.pipeline.plan import BatchPlan, name_batch, plan_batch
from silkwire.pipeline.progress import SILENT, Progress
from silkwire.pipeline.steps import fetch_shard, match_batch, parse_batch, validate_batch
from silkwire.pipeline.telling import read_watches, tell

__all__ = [
    "SILENT",
    "BatchPlan",
    "Context",
    "Progress",
    "fetch_shard",
    "finish_expired_batches",
    "ingest",
    "load_step",
    "match_batch",
    "name_batch",
    "open_context",
    "parse_batch",
    "plan_batch",
    "read_watches",
    "tell",
    "validate_batch",
]
