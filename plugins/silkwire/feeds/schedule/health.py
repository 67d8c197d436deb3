"""What silkwire knows of a feed's health: read before a batch, decided on, written after it."""

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
    """The columns of `ops.feed` that fetching moves."""

    fetch_url: str
    state: str = "healthy"
    """`healthy`, `failing`, `gone` or `paused`; a pause is never decided here and outlasts it."""
    etag: str | None = None
    last_modified: str | None = None
    body_hash: str | None = None
    """SHA-256 (hex) of the decoded body last published or held."""
    entries_hash: str | None = None
    """Likewise of the entries that were read in it."""
    poll_interval: timedelta = DEFAULT_INTERVAL
    """As learned; what the list fixes stands beside it."""
    next_due_at: datetime | None = None
    failure_count: int = 0
    """Failures in a row."""
    last_error_class: str | None = None
    last_error: str | None = None
    last_fetched_at: datetime | None = None
    last_success_at: datetime | None = None
    last_new_entry_at: datetime | None = None
    moved_to_url: str | None = None
    """Where a permanent redirect points that was seen `moved_count` times in a row."""
    moved_count: int = 0
    redirect_history: tuple[Move, ...] = ()
    suggested_feed_url: str | None = None
    is_urls_repeat: bool = False
    is_guids_repeat: bool = False
    skip_hours: tuple[int, ...] = ()
    """Hours in UTC at which the feed asks not to be read."""
    skip_days: tuple[int, ...] = ()
    """Days in UTC, 1 (Monday) to 7, likewise."""


@dataclass(frozen=True, slots=True)
class FeedState:
    """A feed with its health when the batch began to decide."""

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
    """The bytes were new, the entries were not (edge case 4)."""
    quiet_until: datetime | None = None
    """The host asked to be left alone until then (`Retry-After`): so are its other feeds."""
