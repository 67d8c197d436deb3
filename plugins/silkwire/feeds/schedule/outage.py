"""Detect an outage of our own network, so that it is not counted as failures of the feeds. Pure."""

from collections.abc import Iterable, Mapping
from datetime import timedelta

from silkwire.feeds.opml.urls import host_of
from silkwire.feeds.schedule.health import FeedState
from silkwire.model import ErrorClass, FetchOutcome, FetchResult

CONNECTION_CLASSES = {
    ErrorClass.DNS,
    ErrorClass.CONNECT,
    ErrorClass.TLS,
    ErrorClass.TIMEOUT,
    ErrorClass.PROTOCOL,
    ErrorClass.REFUSED_ADDRESS,  # a captive portal resolves every name to itself
}
MIN_HOSTS = 3
"""With a short list, few hosts are due in one batch. Three healthy ones seldom fail together by
chance, and a wrong guess costs only one more request to each feed every ten
minutes."""
SHARE = 0.9
"""The share of hosts that must be unreachable."""
WITNESS_AGE = timedelta(days=3)


def select_witnesses(
    states: Mapping[int, FeedState], results: Iterable[FetchResult]
) -> list[FetchResult]:
    """The results of feeds that were healthy until now. If failing feeds counted, a batch in which
    only these are due would look like an outage every time."""
    return [result for result in results if _is_witness(states.get(result.feed_key), result)]


def decide_outage(results: Iterable[FetchResult]) -> bool:
    """Whether our own network failed: of several hosts, nearly none could be reached."""
    is_reached: dict[str, bool] = {}
    for result in results:
        host = host_of(result.fetch_url)
        is_down = result.outcome is FetchOutcome.FAILED and result.error_class in CONNECTION_CLASSES
        is_reached[host] = is_reached.get(host, False) or not is_down
    down_count = sum(not reached for reached in is_reached.values())
    return len(is_reached) >= MIN_HOSTS and down_count >= SHARE * len(is_reached)


def _is_witness(feed: FeedState | None, result: FetchResult) -> bool:
    if feed is None or feed.health.failure_count or feed.health.last_success_at is None:
        return False
    return result.started_at - feed.health.last_success_at <= WITNESS_AGE
