"""An answer without news speaks of the body that was asked about, and of no other. Pure."""

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
    """The results, where a revisit of another body than the feed's last one moves no validator.

    That body was rejected meanwhile, or its bytes are lost to a replay: with its validators the
    next fetch would be answered 304, and its entries would not come before the feed changes.
    `states` and `asked` are by feed key.
    """
    return tuple(
        _keep(states[result.feed_key], result)
        if _is_of_another_body(states.get(result.feed_key), asked.get(result.feed_key), result)
        else result
        for result in results
    )


def _is_of_another_body(
    state: FeedState | None, asked: PlannedFeed | None, result: FetchResult
) -> bool:
    if state is None or result.outcome not in _REVISITS:
        return False
    return asked is None or asked.body_hash != state.health.body_hash


def _keep(state: FeedState, result: FetchResult) -> FetchResult:
    health = state.health
    return replace(
        result,
        etag=health.etag,
        last_modified=health.last_modified,
        body_hash=health.body_hash,
    )
