"""Archive: one WARC 1.1 file per batch and shard, closed before anything in it is parsed."""

from silkwire.archive.read import read_bodies, read_results
from silkwire.archive.write import ArchiveWriter

__all__ = ["ArchiveWriter", "read_bodies", "read_results"]
