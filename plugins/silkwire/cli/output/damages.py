"""What was read of the archive, and what of it could not be, line by line."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from silkwire.archive import Damage
    from silkwire.pipeline.rules.archive import ArchiveReading

SHOWN_DAMAGES = 20


def list_damages(damages: "Sequence[Damage]") -> Iterator[str]:
    """Some by name; how many more there are."""
    for damage in damages[:SHOWN_DAMAGES]:
        place = "" if damage.offset is None else f" at byte {damage.offset}"
        yield f"Skipped {damage.archive_file}{place}: {damage.reason}"
    if (more := len(damages) - SHOWN_DAMAGES) > 0:
        yield f"... and {more} more: see `damages` of --json"


def describe_reading(reading: "ArchiveReading") -> Iterator[str]:
    """What a trial read of the archive; nothing, if it had no need to."""
    if reading.batches_read:
        yield (
            f"{reading.documents_read:,} documents of {reading.batches_read:,} batches were read"
            f" from the archive, with {reading.entries_judged:,} entries, for what is not"
            " remembered here."
        )
    if reading.documents_lost:
        yield f"{reading.documents_lost:,} documents more are lost, or could not be parsed."
    if reading.batches_gone:
        yield f"{reading.batches_gone:,} batches are not in the archive (any more)."
    yield from list_damages(reading.damages)
    for version in reading.rules_lost:
        yield (
            f"The archive lacks the rules {version[:12]}; today's stood in to tell what was off"
            " topic by them."
        )
