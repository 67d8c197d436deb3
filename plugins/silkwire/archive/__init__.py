"""The archive: one WARC 1.1 file per batch and shard, closed before anything in it is parsed."""

from silkwire.archive.files import ArchivedBatch, list_batches, remove_batch
from silkwire.archive.notes import (
    ArchivedFeed,
    ArchivedFile,
    BatchDecision,
    GivenUp,
    RecordReference,
    keep_ruleset,
    list_rulesets,
    name_decision,
    read_decision,
    restore_ruleset,
    write_decision,
)
from silkwire.archive.read import read_bodies
from silkwire.archive.scan import Damage, ScannedArchive, read_results, scan_archive
from silkwire.archive.write import ArchiveWriter

__all__ = [
    "ArchiveWriter",
    "ArchivedBatch",
    "ArchivedFeed",
    "ArchivedFile",
    "BatchDecision",
    "Damage",
    "GivenUp",
    "RecordReference",
    "ScannedArchive",
    "keep_ruleset",
    "list_batches",
    "list_rulesets",
    "name_decision",
    "read_bodies",
    "read_decision",
    "read_results",
    "remove_batch",
    "restore_ruleset",
    "scan_archive",
    "write_decision",
]
