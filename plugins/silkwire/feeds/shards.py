"""Divide a batch's feeds into shards. Pure."""

import re
from collections.abc import Sequence

from silkwire.feeds.opml.urls import host_of
from silkwire.model import PlannedFeed

_MAX_HOST = 60
_ODD = re.compile(r"[^\w.:-]")
"""Airflow reads braces in a name as a template."""


def shard_feeds(
    feeds: Sequence[PlannedFeed], shard_size: int
) -> tuple[tuple[PlannedFeed, ...], ...]:
    """Divide `feeds` into shards of at most `shard_size`, all feeds of a host in one shard.

    Limits per host are kept within a shard only, so a host is never split: a host with more feeds
    than a shard makes a larger shard. Hosts are placed largest first, each in the fullest shard
    with room for it, which needs at most a fifth more shards than the best packing. Feeds keep
    their order within a shard.
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
    """Name a shard after its largest hosts: `a.example, b.example and 12 hosts more`."""
    hosts = [host_of(feeds[of_host[0]].fetch_url) for of_host in _group_by_host(feeds)]
    shown = ", ".join(_ODD.sub("?", host[:_MAX_HOST]) or "no host" for host in hosts[:host_count])
    more = len(hosts) - host_count
    return f"{shown} and {more} {'host' if more == 1 else 'hosts'} more" if more > 0 else shown


def _group_by_host(feeds: Sequence[PlannedFeed]) -> list[list[int]]:
    """Indexes into `feeds` by host, the host with most feeds first."""
    indexes_by_host: dict[str, list[int]] = {}
    for index, feed in enumerate(feeds):
        indexes_by_host.setdefault(host_of(feed.fetch_url), []).append(index)
    return sorted(indexes_by_host.values(), key=len, reverse=True)
