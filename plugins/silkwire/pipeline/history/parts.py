"""Split the archive's history into parts, so that a long replay shows its progress. Pure.

A part holds whole batches and decisions, in the order of time. Parts cannot be loaded in parallel:
the feed that had an article first, edits, and the last text of a feed all depend on earlier
batches.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise

MAX_PARTS = 24
"""Each part lists the whole archive once, so more parts cost more."""
MIN_EVENTS = 50
"""A part with fewer events is not worth starting a task."""


@dataclass(frozen=True, slots=True)
class Part:
    """What happened in [starts_at, ends_at); None means without a limit."""

    starts_at: datetime | None = None
    ends_at: datetime | None = None

    @property
    def name(self) -> str:
        """For people, in UTC."""
        begin = [f"from {_say(self.starts_at)}"] if self.starts_at else []
        end = [f"until {_say(self.ends_at)}"] if self.ends_at else []
        return " ".join(begin + end) or "all"

    def ends_before(self, happened_at: datetime) -> bool:
        return self.ends_at is not None and self.ends_at <= happened_at

    def begins_after(self, happened_at: datetime) -> bool:
        return self.starts_at is not None and happened_at < self.starts_at


WHOLE = Part()


def split_history(
    times: Sequence[datetime], *, max_parts: int = MAX_PARTS, min_events: int = MIN_EVENTS
) -> tuple[Part, ...]:
    """At most `max_parts` parts of about equally many events, whose ascending times are `times`.

    Together the parts cover all time; events of the same instant are in the same part.
    """
    size = max(min_events, -(-len(times) // max_parts))
    starts = sorted(set(times[size::size]) - set(times[:1]))
    return tuple(Part(start, end) for start, end in pairwise([None, *starts, None]))


def _say(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M}"
