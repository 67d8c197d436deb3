"""Decide from a batch's results each feed's health, validators and next fetch. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from silkwire.feeds.schedule.health import FeedHealth, FeedState, FeedUpdate, Move
from silkwire.feeds.schedule.intervals import (
    EARLY,
    JITTER,
    MAX_INTERVAL,
    MIN_INTERVAL,
    Severity,
    back_off,
    bound_hint,
    bound_interval,
    find_slot,
    judge_severity,
    learn_interval,
    leave_alone,
    spread,
)
from silkwire.feeds.schedule.moves import note_redirects, return_home
from silkwire.feeds.schedule.outage import CONNECTION_CLASSES, decide_outage, select_witnesses
from silkwire.model import DocumentReport, ErrorClass, FetchOutcome, FetchResult

__all__ = [
    "FeedHealth",
    "FeedState",
    "FeedUpdate",
    "Move",
    "decide_health",
    "decide_updates",
]

STANDSTILL = timedelta(minutes=30)
"""A fetch this long after its due time means that silkwire was stopped and many feeds are late."""
MAX_VALIDATOR_LENGTH = 1_000
MAX_ERROR_LENGTH = 500
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_NOTHING = DocumentReport(0, datetime.min.replace(tzinfo=UTC))
"""This stands for the document of a fetch that brought no new body."""


def decide_updates(
    states: Mapping[int, FeedState],
    results: Sequence[FetchResult],
    documents: Mapping[int, DocumentReport],
    new_counts: Mapping[int, int],
    now: datetime,
) -> tuple[FeedUpdate, ...]:
    """Decide from the results of one batch the new health of each feed in `states`.

    By feed key, `documents` has what parsing found, and `new_counts` how many entries the feed had
    not shown before. In an outage of our own network connection errors do not count as failures.
    """
    is_outage = decide_outage(select_witnesses(states, results))
    return tuple(
        decide_health(
            states[result.feed_key],
            result,
            documents.get(result.feed_key),
            now,
            new_count=new_counts.get(result.feed_key, 0),
            is_outage=is_outage,
        )
        for result in results
        if result.feed_key in states
    )


def decide_health(
    feed: FeedState,
    result: FetchResult,
    document: DocumentReport | None,
    now: datetime,
    *,
    new_count: int = 0,
    is_outage: bool = False,
) -> FeedUpdate:
    """Decide from one result the feed's new health. `document` is the body of a `new` fetch.

    `now` is the time of the decision, no earlier than the fetch.
    """
    error_class = result.error_class or (document.error_class if document else None)
    if result.outcome is FetchOutcome.FAILED or error_class is not None:
        error_class = error_class or ErrorClass.PROTOCOL
        if is_outage and error_class in CONNECTION_CLASSES:
            return _excuse(feed, result)
        if error_class is ErrorClass.RATE_LIMITED and result.http_status is None:
            return _put_off(feed, result)
        return _fail(feed, result, document, error_class=error_class, now=now)
    return _succeed(feed, result, document, new_count, now)


def _succeed(
    feed: FeedState,
    result: FetchResult,
    document: DocumentReport | None,
    new_count: int,
    now: datetime,
) -> FeedUpdate:
    health, facts = feed.health, document or _NOTHING
    is_churn = _is_churn(health, result, facts)
    new_count = 0 if is_churn else new_count
    is_new = result.outcome is FetchOutcome.NEW and new_count > 0
    interval = _learn(health, facts, new_count)
    asked = max(bound_hint(result.max_age_s), bound_hint(facts.ttl_s))
    wait = feed.fixed_interval or max(interval, asked)
    etag, last_modified = _renew_validators(health, result)
    asks = facts if result.outcome is FetchOutcome.NEW else health  # not repeated by a 304
    healed = FeedHealth(
        fetch_url=health.fetch_url,
        state="healthy",
        etag=etag,
        last_modified=last_modified,
        body_hash=result.body_hash or health.body_hash,
        entries_hash=facts.entries_hash or health.entries_hash,
        poll_interval=interval,
        next_due_at=_decide_due(feed, result, wait, asked),
        failure_count=0,
        last_error_class=None,
        last_error=None,
        last_fetched_at=result.started_at,
        last_success_at=result.started_at,
        last_new_entry_at=result.started_at if is_new else health.last_new_entry_at,
        moved_to_url=health.moved_to_url,
        moved_count=health.moved_count,
        redirect_history=health.redirect_history,
        suggested_feed_url=None,
        is_urls_repeat=health.is_urls_repeat or facts.is_urls_repeat,
        is_guids_repeat=health.is_guids_repeat or facts.is_guids_repeat,
        skip_hours=asks.skip_hours,
        skip_days=asks.skip_days,
    )
    healed = _leave_alone(feed, healed)
    return FeedUpdate(feed.feed_key, note_redirects(healed, result.redirects, now), is_churn)


def _is_churn(health: FeedHealth, result: FetchResult, document: DocumentReport) -> bool:
    is_known = document.entries_hash is not None and document.entries_hash == health.entries_hash
    return result.outcome is FetchOutcome.NEW and is_known


def _leave_alone(feed: FeedState, health: FeedHealth) -> FeedHealth:
    """Apply `skipHours` and `skipDays`: they delay a fetch by a day at most, and never a feed whose
    interval the list fixes."""
    is_free = not health.skip_hours and not health.skip_days
    if is_free or feed.fixed_interval or not (health.next_due_at and health.last_fetched_at):
        return health
    due = leave_alone(
        health.next_due_at,
        health.skip_hours,
        health.skip_days,
        latest=health.last_fetched_at + MAX_INTERVAL,
        name=feed.feed_url,
    )
    return replace(health, next_due_at=due)


def _learn(health: FeedHealth, document: DocumentReport, new_count: int) -> timedelta:
    if health.last_success_at is None:  # in a first document every entry is new
        learned = bound_interval(health.poll_interval)
    else:
        learned = learn_interval(health.poll_interval, document.item_count, new_count)
    # The `ttl` is kept in the interval, since a 304 does not repeat it.
    return max(learned, bound_hint(document.ttl_s))


def _renew_validators(health: FeedHealth, result: FetchResult) -> tuple[str | None, str | None]:
    etag, last_modified = _storable(result.etag), _storable(result.last_modified)
    if result.outcome is FetchOutcome.NOT_MODIFIED:  # RFC 9111 §4.3.4: a 304 may change them
        return etag or health.etag, last_modified or health.last_modified
    return etag, last_modified


def _decide_due(
    feed: FeedState, result: FetchResult, wait: timedelta, asked: timedelta
) -> datetime:
    """The next fetch, counted from the time when the feed was due, so that a slow batch does not
    shift its rhythm. Feeds that are fetched all at once, because they are new or after a
    standstill, are spread out, as far as the publisher's hints allow."""
    due, started = feed.health.next_due_at, result.started_at
    if (
        feed.health.last_success_at is None
        or due is None
        or started - due > max(wait / 2, STANDSTILL)
    ):
        obeyed = 0.0 if feed.fixed_interval else (1 - JITTER) * (asked / wait)
        return find_slot(started, wait, feed.feed_url, earliest=max(JITTER, obeyed))
    start = min(max(due, started - wait), started)
    return find_slot(start, wait, feed.feed_url, earliest=1 - JITTER)


def _fail(
    feed: FeedState,
    result: FetchResult,
    document: DocumentReport | None,
    *,
    error_class: ErrorClass,
    now: datetime,
) -> FeedUpdate:
    health, facts = feed.health, document or _NOTHING
    state = "gone" if error_class is ErrorClass.GONE or health.state == "gone" else "failing"
    severity = Severity.GONE if state == "gone" else judge_severity(error_class)
    count = health.failure_count + 1
    error = _clean(result.error or facts.error or str(error_class))
    wait = back_off(severity, count)
    is_too_often = error_class is ErrorClass.RATE_LIMITED
    ailing = replace(
        health,
        state=state,
        poll_interval=bound_interval(health.poll_interval * (1.5 if is_too_often else 1)),
        failure_count=count,
        last_error_class=str(error_class),
        last_error=error[:MAX_ERROR_LENGTH],
        last_fetched_at=result.started_at,
        next_due_at=find_slot(result.started_at, wait, feed.feed_url, earliest=1 - JITTER),
        suggested_feed_url=facts.suggested_feed_url or health.suggested_feed_url,
    )
    ailing = return_home(_leave_alone(feed, ailing), feed.feed_url, now)
    return _obey_retry_after(feed, FeedUpdate(feed.feed_key, ailing), result)


def _obey_retry_after(feed: FeedState, update: FeedUpdate, result: FetchResult) -> FeedUpdate:
    """Postpone the next fetch as `Retry-After` asks (RFC 9110 §10.2.3), for a day at most.

    Jitter lengthens the wait and never shortens it. `EARLY` is added to the wait too, since a batch
    leases feeds before they are due.
    """
    if result.retry_after_s is None or result.retry_after_s <= 0:
        return update
    wait = min(timedelta(seconds=min(result.retry_after_s, 86_400)), MAX_INTERVAL)
    finished_at = result.started_at + timedelta(milliseconds=result.fetch_ms)
    quiet_until = finished_at + wait + EARLY
    asked = finished_at + spread(wait, feed.feed_url, finished_at.isoformat(), low=1.0) + EARLY
    due = max(asked, update.health.next_due_at or asked)
    health = replace(update.health, next_due_at=due)
    return replace(update, health=health, quiet_until=quiet_until)


def _excuse(feed: FeedState, result: FetchResult) -> FeedUpdate:
    wait = spread(MIN_INTERVAL, feed.feed_url, result.started_at.isoformat())
    health = replace(
        feed.health, last_fetched_at=result.started_at, next_due_at=result.started_at + wait
    )
    return FeedUpdate(feed.feed_key, health)


def _put_off(feed: FeedState, result: FetchResult) -> FeedUpdate:
    """Postpone a feed that was not fetched because its host had asked for a pause."""
    wait = spread(MIN_INTERVAL, feed.feed_url, result.started_at.isoformat())
    unasked = replace(feed.health, next_due_at=result.started_at + wait)
    return _obey_retry_after(feed, FeedUpdate(feed.feed_key, unasked), result)


def _storable(validator: str | None) -> str | None:
    """The validator, or None if it cannot be stored and sent back unchanged."""
    if not validator or len(validator) > MAX_VALIDATOR_LENGTH:
        return None
    return None if _UNSTORABLE.search(validator) else validator


def _clean(text: str) -> str:
    return text.encode("utf-8", "replace").decode().replace("\x00", "\ufffd")
