"""A feed's health, which a batch reads from `ops.feed`, changes and writes back."""

from dataclasses import dataclass
from datetime import datetime, timedelta

DEFAULT_INTERVAL = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Move:
    """One change of the address that is fetched (`ops.feed.redirect_history`)."""

    at: datetime
    from_url: str
    to_url: str
    reason: str


@dataclass(frozen=True, slots=True)
class FeedHealth:
    """The columns of `ops.feed` that fetch results change."""

    fetch_url: str
    state: str = "healthy"
    """`healthy`, `failing` or `gone`: for a paused feed, what it would be if it were not paused."""
    etag: str | None = None
    last_modified: str | None = None
    body_hash: str | None = None
    """SHA-256 (hex) of the decoded body of the last batch that was published or held."""
    entries_hash: str | None = None
    """SHA-256 (hex) of the entries that were parsed from that body."""
    poll_interval: timedelta = DEFAULT_INTERVAL
    """The learned interval; `FeedState.fixed_interval` overrides it."""
    next_due_at: datetime | None = None
    failure_count: int = 0
    """Failures in a row."""
    last_error_class: str | None = None
    last_error: str | None = None
    last_fetched_at: datetime | None = None
    last_success_at: datetime | None = None
    last_new_entry_at: datetime | None = None
    moved_to_url: str | None = None
    """The target of a permanent redirect that was seen `moved_count` times in a row."""
    moved_count: int = 0
    redirect_history: tuple[Move, ...] = ()
    suggested_feed_url: str | None = None
    is_urls_repeat: bool = False
    is_guids_repeat: bool = False
    skip_hours: tuple[int, ...] = ()
    """Hours in UTC at which the feed asks not to be read (RSS `skipHours`)."""
    skip_days: tuple[int, ...] = ()
    """Days in UTC, 1 (Monday) to 7, on which the feed asks not to be read (RSS `skipDays`)."""


@dataclass(frozen=True, slots=True)
class FeedState:
    """A feed with its health before the batch."""

    feed_key: int
    feed_url: str
    health: FeedHealth
    fixed_interval: timedelta | None = None


@dataclass(frozen=True, slots=True)
class FeedUpdate:
    """A feed's health after a batch."""

    feed_key: int
    health: FeedHealth
    is_churn: bool = False
    """The bytes were new but the entries were not."""
    quiet_until: datetime | None = None
    """The host asked for no requests until then (`Retry-After`), so its other feeds wait too."""
