"""Load: a judged batch into the warehouse, in one transaction. Nothing lost, nothing doubled."""

from silkwire.load.batch import (
    LoadedBatch,
    LoadInput,
    load_batch,
    lock_loads,
    read_fates,
)

__all__ = ["LoadInput", "LoadedBatch", "load_batch", "lock_loads", "read_fates"]
