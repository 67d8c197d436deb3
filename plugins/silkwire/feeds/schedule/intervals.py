"""How long to wait before a fetch: learned, asked for by the publisher, or backed off. Pure."""

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from silkwire.feeds.schedule.jitter import fraction_of
from silkwire.model import ErrorClass

MIN_INTERVAL, MAX_INTERVAL = timedelta(minutes=10), timedelta(days=1)
JITTER = 0.1
EARLY = timedelta(minutes=5)
"""A batch leases feeds up to half a tick before they are due, so this is added to a wait that a
publisher asks for."""
_HOUR = timedelta(hours=1)
LOSS_SHARE = 0.5
"""If this share of a document is new, other entries may have come and gone between two fetches."""


class Severity(StrEnum):
    """How long a failure is likely to last."""

    SOFT = "soft"
    HARD = "hard"
    GONE = "gone"


SOFT_CLASSES = {
    ErrorClass.DNS,
    ErrorClass.CONNECT,
    ErrorClass.TIMEOUT,
    ErrorClass.PROTOCOL,
    ErrorClass.RATE_LIMITED,
    ErrorClass.SERVER_ERROR,
    ErrorClass.EMPTY_BODY,
}
_FIRST_WAIT = {
    Severity.SOFT: timedelta(minutes=10),
    Severity.HARD: timedelta(hours=1),
    Severity.GONE: timedelta(days=1),
}
_LONGEST_WAIT = {
    Severity.SOFT: timedelta(hours=12),
    Severity.HARD: timedelta(days=1),
    Severity.GONE: timedelta(days=7),
}


def learn_interval(interval: timedelta, entry_count: int, new_entry_count: int) -> timedelta:
    """The next interval of a feed that showed these entries after `interval`.

    A fetch with nothing new lengthens it by a tenth, one with something new shortens it to 0.7, so
    it settles where one fetch in five brings something. If half of the document or more is new, it
    is shortened to 0.4.
    """
    if new_entry_count <= 0:
        return bound_interval(interval * 1.1)
    share = new_entry_count / max(entry_count, new_entry_count)
    return bound_interval(interval * (0.4 if share >= LOSS_SHARE else 0.7))


def bound_interval(interval: timedelta) -> timedelta:
    return min(max(interval, MIN_INTERVAL), MAX_INTERVAL)


def bound_hint(seconds: int | None) -> timedelta:
    """The interval that a publisher asks for (`max-age`, `ttl`) in our bounds; zero if none."""
    if seconds is None or seconds <= 0:
        return timedelta(0)
    return bound_interval(timedelta(seconds=min(seconds, int(MAX_INTERVAL.total_seconds()))))


def judge_severity(error_class: ErrorClass) -> Severity:
    if error_class is ErrorClass.GONE:
        return Severity.GONE
    return Severity.SOFT if error_class in SOFT_CLASSES else Severity.HARD


def back_off(severity: Severity, failure_count: int) -> timedelta:
    """The wait after `failure_count` failures in a row; each doubles it, up to a maximum."""
    doublings = min(max(failure_count, 1) - 1, 20)
    return min(_FIRST_WAIT[severity] * (1 << doublings), _LONGEST_WAIT[severity])


def find_slot(start: datetime, wait: timedelta, name: str, *, earliest: float) -> datetime:
    """About `wait` after `start`, moved towards the feed's own slot within an interval.

    The result is at most a tenth later and not before `earliest` (a share of `wait`). Slots are
    distributed evenly by name, so feeds that were all fetched at once are soon spread out. A random
    ±10% would need weeks for feeds that are fetched daily.
    """
    latest = 1 + JITTER
    phase = ((start + wait).timestamp() / wait.total_seconds() - fraction_of(name)) % 1.0
    factor = 1 - phase if phase <= 1 - earliest else 2 - phase
    if factor > latest:  # the slot is too far off: move towards it
        factor = latest if phase > 1 / 2 else earliest
    return start + wait * factor


def leave_alone(
    due: datetime,
    hours: Collection[int],
    days: Collection[int],
    *,
    latest: datetime,
    name: str,
) -> datetime:
    """`due`, or a time in the first hour after it that the feed does not ask to skip.

    `hours` and `days` are those to skip, in UTC. The result is never after `latest`. Feeds that
    wait for the same hour are spread over it by name, but not over its first minutes (`EARLY`).
    """
    if _is_open(due, hours, days) and _is_open(due - EARLY, hours, days):
        return due
    hour, latest = due.replace(minute=0, second=0, microsecond=0), max(due, latest)
    while hour < latest:
        if _is_open(hour, hours, days):
            return min(hour + EARLY + fraction_of(name) * (_HOUR - EARLY), latest)
        hour += _HOUR
    return latest


def _is_open(at: datetime, hours: Collection[int], days: Collection[int]) -> bool:
    utc = at.astimezone(UTC)
    return utc.hour not in hours and utc.isoweekday() not in days


def spread(wait: timedelta, *names: str, low: float = 1 - JITTER) -> timedelta:
    """`wait` times a factor between `low` and 1.1, the same for the same names."""
    return wait * (low + (1 + JITTER - low) * fraction_of(*names))
