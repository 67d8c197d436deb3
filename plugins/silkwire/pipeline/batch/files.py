"""The names of the files in a batch's folder, and what their lines are."""

from collections.abc import Iterator

from silkwire.batchfiles import BatchFolder
from silkwire.model import EntryBatchRow, FetchResult, MatchedEntry, PlannedFeed

DOCUMENTS = "documents.jsonl"  # DocumentReport
ENTRIES = "entries.jsonl"  # EntryBatchRow, by entry number
MATCHES = "matches.jsonl"  # MatchedEntry, by entry number
FAILED = "failed.jsonl"  # FailedEntry
RESULTS = "results.jsonl"  # ExpectationResult


def feeds_file(shard: int) -> str:
    """The shard's `PlannedFeed` rows."""
    return f"feeds-{shard:03d}.jsonl"


def fetches_file(shard: int) -> str:
    """The shard's `FetchResult` rows."""
    return f"fetches-{shard:03d}.jsonl"


def read_feeds(folder: BatchFolder, shard_count: int) -> Iterator[PlannedFeed]:
    """Every feed of the batch, shard by shard."""
    for shard in range(shard_count):
        yield from folder.read(feeds_file(shard), PlannedFeed)


def read_fetches(folder: BatchFolder, shard_count: int) -> Iterator[FetchResult]:
    """Every attempt of the batch, shard by shard."""
    for shard in range(shard_count):
        yield from folder.read(fetches_file(shard), FetchResult)


def read_matched(folder: BatchFolder) -> Iterator[tuple[EntryBatchRow, MatchedEntry]]:
    """Each entry with its decisions."""
    return zip(folder.read(ENTRIES, EntryBatchRow), folder.read(MATCHES, MatchedEntry), strict=True)
