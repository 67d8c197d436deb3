"""Keep a feed's validators if a 304 or unchanged body refers to an older body. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from silkwire.feeds.schedule.health import FeedState
from silkwire.model import FetchOutcome, FetchResult, PlannedFeed

_REVISITS = frozenset({FetchOutcome.NOT_MODIFIED, FetchOutcome.UNCHANGED_BODY})


def keep_known_validators(
    states: Mapping[int, FeedState],
    asked: Mapping[int, PlannedFeed],
    results: Sequence[FetchResult],
) -> tuple[FetchResult, ...]:
    """Return the results; those that refer to an older body get the feed's current validators.

    A revisit (304 or unchanged body) refers to the body that was the feed's last one when the batch
    was planned. If the feed has another last body by now, the planned body was rejected meanwhile,
    or a replay could not read its bytes. With the validators of the planned body the next fetch
    would be answered 304, and the entries of that body would be missing until the feed changes.
    `states` and `asked` are by feed key.
    """
    return tuple(
        _keep(states.get(result.feed_key), asked.get(result.feed_key), result) for result in results
    )


def _keep(state: FeedState | None, asked: PlannedFeed | None, result: FetchResult) -> FetchResult:
    if state is None or result.outcome not in _REVISITS:
        return result
    health = state.health
    if asked is not None and asked.body_hash == health.body_hash:
        return result
    return replace(
        result, etag=health.etag, last_modified=health.last_modified, body_hash=health.body_hash
    )
