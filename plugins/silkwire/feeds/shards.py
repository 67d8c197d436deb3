"""Cut a batch's feeds into shards. Pure."""

import re
from collections.abc import Sequence

from silkwire.feeds.opml.urls import host_of
from silkwire.model import PlannedFeed

_MAX_HOST = 60
_ODD = re.compile(r"[^\w.:-]")
"""A scheduler takes braces for a template of its own."""


def shard_feeds(
    feeds: Sequence[PlannedFeed], shard_size: int
) -> tuple[tuple[PlannedFeed, ...], ...]:
    """Shards of `shard_size` feeds at most, each host in one of them.

    Limits per host hold within a shard only, so no host is ever split: one that alone is larger
    than a shard makes a larger shard. Hosts are placed largest first where they fit best, which
    packs within a fifth of the best possible; feeds keep their order within a shard.
    """
    shards: list[list[int]] = []
    for host in _group_by_host(feeds):
        fitting = [shard for shard in shards if len(shard) + len(host) <= shard_size]
        if fitting:
            max(fitting, key=len).extend(host)
        else:
            shards.append(host)
    return tuple(tuple(feeds[index] for index in sorted(shard)) for shard in shards)


def name_shard(feeds: Sequence[PlannedFeed], *, host_count: int = 3) -> str:
    """A shard for people: `a.example, b.example and 12 hosts more`, the largest first."""
    hosts = [host_of(feeds[of_host[0]].fetch_url) for of_host in _group_by_host(feeds)]
    shown = ", ".join(_ODD.sub("?", host[:_MAX_HOST]) or "no host" for host in hosts[:host_count])
    more = len(hosts) - host_count
    return f"{shown} and {more} {'host' if more == 1 else 'hosts'} more" if more > 0 else shown


def _group_by_host(feeds: Sequence[PlannedFeed]) -> list[list[int]]:
    """Indexes into `feeds` by host, the largest first."""
    indexes_by_host: dict[str, list[int]] = {}
    for index, feed in enumerate(feeds):
        indexes_by_host.setdefault(host_of(feed.fetch_url), []).append(index)
    return sorted(indexes_by_host.values(), key=len, reverse=True)
