"""Which archived fetches to read: a span of time, and feeds. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Selection:
    """Fetches that began in [since, until), of these feeds; None and an empty set mean all."""

    since: datetime | None = None
    until: datetime | None = None
    feed_urls: frozenset[str] = frozenset()

    def has_feed(self, feed_url: str) -> bool:
        return not self.feed_urls or feed_url in self.feed_urls

    def has(self, feed_url: str, started_at: datetime) -> bool:
        return (
            self.has_feed(feed_url)
            and (self.since is None or self.since <= started_at)
            and (self.until is None or started_at < self.until)
        )

    @property
    def is_everything(self) -> bool:
        return self == EVERYTHING


EVERYTHING = Selection()


def select(selection: Selection) -> dict[str, object]:
    """The selection as parameters of a statement."""
    feed_urls: Sequence[str] | None = sorted(selection.feed_urls) or None
    return {"since": selection.since, "until": selection.until, "feed_urls": feed_urls}
