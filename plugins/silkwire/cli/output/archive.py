"""Print what a replay, trial or adoption read in the archive, and what it could not read."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from silkwire.archive import Damage
    from silkwire.pipeline.rules.archive import ArchiveReading

SHOWN_DAMAGES = 20


def list_damages(damages: "Sequence[Damage]") -> Iterator[str]:
    """A line for each of the first `SHOWN_DAMAGES` damaged places."""
    for damage in damages[:SHOWN_DAMAGES]:
        place = "" if damage.offset is None else f" at byte {damage.offset}"
        yield f"Skipped {damage.archive_file}{place}: {damage.reason}"
    if (more := len(damages) - SHOWN_DAMAGES) > 0:
        yield f"... and {more} more: see `damages` of --json"


def describe_reading(reading: "ArchiveReading") -> Iterator[str]:
    """What a trial or an adoption read in the archive; empty if it read nothing there."""
    if reading.batches_read:
        yield (
            f"{reading.documents_read:,} documents of {reading.batches_read:,} batches were read "
            f"from the archive, with {reading.entries_judged:,} entries, because ops.off_topic "
            "does not keep entries of that time."
        )
    if reading.documents_lost:
        yield f"{reading.documents_lost:,} more documents are lost or could not be parsed."
    if reading.batches_gone:
        yield f"{reading.batches_gone:,} batches are not in the archive any more."
    yield from list_damages(reading.damages)
    for version in reading.rules_lost:
        yield (
            f"The archive lacks the ruleset {version[:12]}; the configured one was used to find "
            "what was off topic by it."
        )


def describe_unread(count: int) -> Iterator[str]:
    """The off-topic entries that a trial or an adoption could not match."""
    if count:
        yield (
            f"{count:,} off-topic entries could not be matched: they have no summary, and their "
            "documents are not in the archive any more."
        )
