"""Load: write one batch into the warehouse, in one transaction."""

from silkwire.load.batch import (
    RELEASED,
    LoadInput,
    StagedCounts,
    finish_load,
    load_batch,
    lock_loads,
    read_outcomes,
    stage_again,
    stage_batch,
)
from silkwire.load.decisions import add_decisions
from silkwire.load.late import load_late
from silkwire.load.stage import StagedDocument, encode_payload

__all__ = [
    "RELEASED",
    "LoadInput",
    "StagedCounts",
    "StagedDocument",
    "add_decisions",
    "encode_payload",
    "finish_load",
    "load_batch",
    "load_late",
    "lock_loads",
    "read_outcomes",
    "stage_again",
    "stage_batch",
]
