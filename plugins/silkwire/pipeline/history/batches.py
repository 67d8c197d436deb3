"""Read what the archive holds of each batch: its files, its fetches, and how it ended."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import msgspec

from silkwire.archive import (
    ArchivedBatch,
    ArchivedFeed,
    BatchDecision,
    Damage,
    list_batches,
    read_decision,
    scan_archive,
)
from silkwire.errors import ArchiveError
from silkwire.model import FetchResult, PlannedFeed

REPLAY_LOCK = "replay"
"""The lock for reading the whole archive, or for removing files from it."""


@dataclass(frozen=True, slots=True)
class FoundBatch:
    """One batch of the archive; its files are not read yet."""

    batch_id: str
    files: tuple[str, ...]
    decision: BatchDecision | None
    """How the batch ended; None if it never ended, or the note is lost."""
    judged_at: datetime
    """When the batch was loaded or held; without a decision, when it began."""
    damages: tuple[Damage, ...] = ()

    @property
    def trigger(self) -> str | None:
        """None without a decision."""
        return self.decision.trigger if self.decision else None


@dataclass(slots=True)
class BatchContent:
    """What the files of one batch hold."""

    results: list[FetchResult] = field(default_factory=list)
    planned: dict[str, PlannedFeed] = field(default_factory=dict)
    """Descriptions of feeds by their listed url. Their feed keys are those of the warehouse that
    wrote the archive."""
    listed: list[ArchivedFeed] = field(default_factory=list)
    configuration: dict[str, Any] = field(default_factory=dict)
    damages: list[Damage] = field(default_factory=list)
    lost_count: int = 0


def find_batches(data_root: str) -> tuple[FoundBatch, ...]:
    """Every batch of the archive, in the order of their ids."""
    return tuple(describe_batch(data_root, batch) for batch in list_batches(data_root))


def read_content(data_root: str, batch: FoundBatch) -> BatchContent:
    """Read the batch's files as far as possible; what is damaged or missing is in `damages`."""
    content = BatchContent(damages=list(batch.damages))
    expected = (
        {f.archive_file: f.fetch_count for f in batch.decision.files} if batch.decision else {}
    )
    for archive_file in sorted({*batch.files, *expected}):
        scanned = scan_archive(data_root, archive_file)
        content.results += scanned.results
        content.damages += scanned.damages
        attempt_count = expected.get(archive_file, 0)
        lost_count = max(attempt_count - len(scanned.results), 0)
        content.lost_count += lost_count
        if not scanned.damages and (lost_count or scanned.configuration is None):
            # The scan found no damaged record, because the file is cut between two records.
            reason = f"it ends early: {len(scanned.results)} of {attempt_count} attempts are there"
            content.damages.append(Damage(archive_file, None, reason))
        _note_configuration(content, scanned.configuration or {})
    content.results.sort(key=lambda result: (result.started_at, result.feed_key))
    return content


def describe_batch(data_root: str, batch: ArchivedBatch) -> FoundBatch:
    """Describe one batch without reading its files, unless it has no decision."""
    decision, damages = None, []
    if batch.decision_file is not None:
        try:
            decision = read_decision(data_root, batch.decision_file)
        except ArchiveError as exc:
            damages.append(Damage(batch.decision_file, None, str(exc)))
    judged_at = decision.judged_at if decision else _read_beginning(data_root, batch)
    return FoundBatch(batch.batch_id, batch.files, decision, judged_at, tuple(damages))


def _read_beginning(data_root: str, batch: ArchivedBatch) -> datetime:
    """When the batch began, by the first file that says so; else the epoch."""
    for archive_file in batch.files:
        scanned = scan_archive(data_root, archive_file)
        started_at = (scanned.configuration or {}).get("started_at")
        if started_at is not None:
            return msgspec.convert(started_at, datetime, strict=False)
        if scanned.results:
            return min(result.started_at for result in scanned.results)
    return datetime.fromtimestamp(0, UTC)


def _note_configuration(content: BatchContent, configuration: dict[str, Any]) -> None:
    content.configuration = content.configuration or configuration
    for row in configuration.get("feeds", ()):
        feed = msgspec.convert(row, PlannedFeed, strict=False)
        content.planned[feed.feed_url] = feed
    for row in configuration.get("listed", ()):
        content.listed.append(msgspec.convert(row, ArchivedFeed, strict=False))
