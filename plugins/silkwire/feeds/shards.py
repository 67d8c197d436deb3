"""Cut a batch's feeds into shards. Pure."""

from collections.abc import Sequence

from silkwire.feeds.urls import host_of
from silkwire.model import PlannedFeed


def shard_feeds(
    feeds: Sequence[PlannedFeed], shard_size: int
) -> tuple[tuple[PlannedFeed, ...], ...]:
    """Shards of at most `shard_size` feeds, the feeds of one host together.

    Limits per host hold within a shard only, so a host is split just where it alone is larger than
    a shard. Hosts are placed largest first where they fit best, which packs within a fifth of the
    best possible; feeds keep their order within a shard.
    """
    shards: list[list[int]] = []
    for piece in _cut_hosts(feeds, shard_size):
        fitting = [shard for shard in shards if len(shard) + len(piece) <= shard_size]
        if fitting:
            max(fitting, key=len).extend(piece)
        else:
            shards.append(list(piece))
    return tuple(tuple(feeds[index] for index in sorted(shard)) for shard in shards)


def _cut_hosts(feeds: Sequence[PlannedFeed], shard_size: int) -> list[list[int]]:
    """Indexes into `feeds` by host, cut to the size of a shard, the largest first."""
    indexes_by_host: dict[str, list[int]] = {}
    for index, feed in enumerate(feeds):
        indexes_by_host.setdefault(host_of(feed.fetch_url), []).append(index)
    pieces = [
        indexes[start : start + shard_size]
        for indexes in indexes_by_host.values()
        for start in range(0, len(indexes), shard_size)
    ]
    return sorted(pieces, key=len, reverse=True)
