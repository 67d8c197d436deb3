"""A simulated month of many feeds: how evenly requests are spread, and how long a feed may wait.

Feeds do not influence each other, so each core simulates a share of them.
`tick_peak_to_mean_worst_day` compares the tick with most fetches with the mean of its day, after
the first day; 1.0 would be perfectly even. `share_that_brought_something` counts fetches of feeds
with 1 to 24 entries a day: for these the schedule can reach its aim that one fetch in five finds
something new.
"""

import os
import time
from collections import Counter, defaultdict
from concurrent.futures import ProcessPoolExecutor
from datetime import timedelta
from typing import Any

from figures import Figure, Measured, Size
from simulation import START, TICK, Publisher, build_publishers, measure_yield, simulate

DAY = timedelta(days=1)
MOST_PEAK = 1.5
"""The limit for the tick with most fetches, as a multiple of its day's mean."""


def measure(size: Size) -> Measured:
    found = measure_month(size.pick(10_000, 1_000), size.pick(30, 4))
    figure = Figure(
        "schedule: fullest tick beside its day's mean",
        "×",
        [found["tick_peak_to_mean_worst_day"]],
        "limit",
        [MOST_PEAK],
        is_cost=True,
        target=1.0,
    )
    return Measured([figure], found)


def measure_month(feed_count: int, days: int) -> dict[str, Any]:
    """Simulate `days` (at least 3) and describe them."""
    began = time.monotonic()
    feeds, load, processor_seconds = _simulate_on_all_cores(
        build_publishers(feed_count), days * DAY
    )
    seconds = time.monotonic() - began
    a_day = int(DAY / TICK)
    whole = [
        [load[number] for number in range(first, first + a_day)]
        for first in range(a_day, days * a_day, a_day)
    ]
    return {
        "feeds": feed_count,
        "days": days,
        "fetches": sum(load.values()),
        "seconds": round(seconds, 1),
        "processor_seconds": round(processor_seconds, 1),
        "requests_per_second_mean": round(sum(map(sum, whole)) / (len(whole) * 86_400), 2),
        "tick_peak_to_mean_worst_day": round(max(max(d) * a_day / sum(d) for d in whole), 2),
        "never_fetched": sum(not feed.fetched for feed in feeds),
        "share_that_brought_something": round(measure_yield(feeds), 2),
        "longest_wait_hours": round(_find_longest_wait(feeds, START + days * DAY), 1),
        "fetches_a_day_by_entries_a_day": _count_by_rate(feeds, days),
    }


def _simulate_on_all_cores(
    feeds: list[Publisher], span: timedelta
) -> tuple[list[Publisher], Counter[int], float]:
    count = os.cpu_count() or 1
    with ProcessPoolExecutor(count) as pool:
        shares = list(
            pool.map(_simulate_share, [feeds[n::count] for n in range(count)], [span] * count)
        )
    done = [feed for share, _, _ in shares for feed in share]
    load = Counter[int]()
    for _, share_load, _ in shares:
        load += share_load
    return done, load, sum(seconds for _, _, seconds in shares)


def _simulate_share(
    feeds: list[Publisher], span: timedelta
) -> tuple[list[Publisher], Counter[int], float]:
    began = time.process_time()
    load = simulate(feeds, span=span)
    return feeds, load, time.process_time() - began


def _find_longest_wait(feeds: list[Publisher], end: Any) -> float:
    """Hours from one fetch of a feed that answers to its next one or to the end."""
    waits = (
        later - earlier
        for feed in feeds
        if feed.error_class is None
        for earlier, later in zip(feed.fetched, [*feed.fetched[1:], end], strict=True)
    )
    return max(waits) / timedelta(hours=1)


def _count_by_rate(feeds: list[Publisher], days: int) -> dict[str, float]:
    counts: dict[float, list[int]] = defaultdict(list)
    for feed in feeds:
        if feed.error_class is None:
            counts[feed.per_day].append(len(feed.fetched))
    return {
        f"{rate:g}": round(sum(counts[rate]) / len(counts[rate]) / days, 1)
        for rate in sorted(counts)
    }
