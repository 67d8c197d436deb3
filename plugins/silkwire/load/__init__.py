"""Load: a judged batch into the warehouse, in one transaction. Nothing lost, nothing doubled."""

from silkwire.load.batch import (
    LoadedBatch,
    LoadInput,
    load_batch,
    lock_loads,
    read_fates,
)
from silkwire.load.decisions import add_decisions
from silkwire.load.late import LateBatch, load_late
from silkwire.load.stage import encode_payload

__all__ = [
    "LateBatch",
    "LoadInput",
    "LoadedBatch",
    "add_decisions",
    "encode_payload",
    "load_batch",
    "load_late",
    "lock_loads",
    "read_fates",
]
