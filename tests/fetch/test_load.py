"""Two thousand feeds on five hundred hosts, some hanging, some failing: time and memory."""

import multiprocessing
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor

import pytest

from helpers.memory import read_peak_bytes
from helpers.patience import measure_slowness
from helpers.publisher import FEED, Names, Publisher, answer, hang
from silkwire.config import Settings
from silkwire.fetch import fetch_feeds
from silkwire.model import PlannedFeed

HOSTS, FEEDS, DEADLINE_S = 500, 2000, 6
BODY = FEED + b"<!-- " + b"x" * 60_000 + b" -->"


def choose_path(key):
    """One of twenty feeds hangs and one fails; the next ones that do are on other hosts."""
    return {0: "/hang", 7: "/error"}.get((key // 4) % 5 * 4 + key % 4, "/feed")


def fetch_many(port):
    """In a process of its own: how long it took, what became of the feeds, megabytes used, and how
    busy the machine is."""
    feeds = [
        PlannedFeed(key, url, url)
        for key in range(FEEDS)
        for url in [f"http://h{key // 4}.example:{port}{choose_path(key)}?{key}"]
    ]
    settings = Settings(fetch_allow_private="127.0.0.0/8", fetch_deadline=DEADLINE_S)
    outcomes = Counter()
    idle = read_peak_bytes()
    began = time.monotonic()
    fetch_feeds(
        feeds,
        settings,
        credentials={},
        on_exchange=lambda exchange: outcomes.update(
            [exchange.result.error_class or exchange.result.outcome]
        ),
        resolver=Names(default="127.0.0.1"),
    )
    used = read_peak_bytes() - idle
    seconds = time.monotonic() - began
    return seconds, dict(outcomes), used / 2**20, measure_slowness()


@pytest.fixture(scope="module")
def cycle():
    pages = {"/feed": answer(BODY), "/hang": hang(), "/error": answer(b"no", 500)}
    spawn = multiprocessing.get_context("spawn")
    with Publisher(pages=pages) as publisher, ProcessPoolExecutor(1, mp_context=spawn) as pool:
        return publisher, *pool.submit(fetch_many, publisher.port).result(timeout=120)


def test_every_feed_has_its_outcome(cycle):
    _, _, outcomes, *_ = cycle
    assert outcomes == {"new": 1800, "timeout": 100, "server_error": 100}


def test_cycle_ends_soon_after_the_deadline(cycle):
    _, seconds, *_, slowness = cycle
    # 7.3 s on two cores
    assert seconds < (DEADLINE_S + 5) * slowness


def test_nobody_gets_more_than_two_requests_at_once(cycle):
    publisher, *_ = cycle
    assert max(publisher.most_at_once.values()) <= 2
    assert len(publisher.most_at_once) == HOSTS


def test_memory_stays_within_300_megabytes(cycle):
    *_, megabytes, _ = cycle
    assert megabytes < 300  # 107 MB
