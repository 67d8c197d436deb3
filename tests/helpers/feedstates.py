"""Feeds and results of fetches, for tests of what the one means for the other."""

from datetime import UTC, datetime, timedelta

from silkwire.feeds.schedule.decide import decide_health
from silkwire.feeds.schedule.health import FeedHealth, FeedState
from silkwire.model import DocumentReport, ErrorClass, FetchOutcome, FetchResult

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
URL = "https://a.example/rss"
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def feed(fixed: timedelta | None = None, **health) -> FeedState:
    known = {"last_success_at": NOW - HOUR, "next_due_at": NOW, **health}
    return FeedState(1, URL, FeedHealth(**{"fetch_url": URL, **known}), fixed)


def fetched(outcome: FetchOutcome = FetchOutcome.NEW, **values) -> FetchResult:
    return FetchResult(1, URL, URL, NOW, outcome, fetch_ms=0, **values)


def failed(error_class: ErrorClass, **values) -> FetchResult:
    return fetched(FetchOutcome.FAILED, error_class=error_class, error="it broke", **values)


def decide(state: FeedState, result: FetchResult, **facts) -> FeedHealth:
    new_count = facts.pop("new_count", 0)
    document = DocumentReport(1, NOW, **facts) if facts else None
    return decide_health(state, result, document, NOW, new_count=new_count).health


def wait(health: FeedHealth) -> timedelta:
    assert health.next_due_at is not None
    return health.next_due_at - NOW


def assert_about(actual: timedelta, expected: timedelta) -> None:
    assert expected * 0.9 <= actual <= expected * 1.1


NOT_MODIFIED = fetched(FetchOutcome.NOT_MODIFIED)
