"""Follow a feed that moved: adopt a permanent redirect once it was seen several times. Pure."""

from dataclasses import replace
from datetime import datetime
from urllib.parse import urljoin

from silkwire.feeds.opml.urls import FeedUrlError, split_feed_url
from silkwire.feeds.schedule.health import FeedHealth, Move
from silkwire.model import Redirect

PERMANENT = (301, 308)
SIGHTINGS = 3
"""How many fetches in a row must see a permanent redirect before it is adopted."""
MAX_HISTORY = 20
GIVE_UP_FAILURES = 5
"""After this many failures in a row of an adopted address the listed one is tried, and again after
as many more."""


def note_redirects(
    health: FeedHealth, redirects: tuple[Redirect, ...], now: datetime
) -> FeedHealth:
    """Count a permanent redirect of a successful fetch; adopt it when `SIGHTINGS` are counted."""
    target = find_permanent_target(health.fetch_url, redirects)
    if target is None:
        if health.moved_to_url is None:
            return health
        return replace(health, moved_to_url=None, moved_count=0)
    count = health.moved_count + 1 if target == health.moved_to_url else 1
    if count < SIGHTINGS:
        return replace(health, moved_to_url=target, moved_count=count)
    return _move(health, target, now, "adopted a permanent redirect")


def find_permanent_target(fetch_url: str, redirects: tuple[Redirect, ...]) -> str | None:
    """The url at which the leading 301 and 308 hops end.

    A hop after a temporary one is temporary too (RFC 9110 §15.4). None if the first hop is
    temporary, if the url cannot be a feed's, or if it leads from https to http.
    """
    target = fetch_url
    for hop in redirects:
        if hop.status not in PERMANENT:
            break
        target = urljoin(target, hop.url)
    if target == fetch_url:
        return None
    try:
        fit = split_feed_url(target)
    except FeedUrlError:
        return None
    is_downgrade = fetch_url.lower().startswith("https:") and target.lower().startswith("http:")
    return None if fit.credential or is_downgrade else fit.feed_url


def return_home(health: FeedHealth, feed_url: str, now: datetime) -> FeedHealth:
    """Return to the listed address if an adopted one keeps failing: it may lead elsewhere now."""
    if health.fetch_url == feed_url or health.failure_count % GIVE_UP_FAILURES:
        return health
    home = _move(health, feed_url, now, "the adopted address keeps failing")
    return replace(home, etag=None, last_modified=None)


def _move(health: FeedHealth, to_url: str, now: datetime, reason: str) -> FeedHealth:
    move = Move(now, health.fetch_url, to_url, reason)
    history = (*health.redirect_history, move)[-MAX_HISTORY:]
    return replace(
        health, fetch_url=to_url, moved_to_url=None, moved_count=0, redirect_history=history
    )
