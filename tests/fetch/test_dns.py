"""Resolving host names."""

import asyncio
import socket
import time
from threading import Event

import pytest

from helpers.publisher import FEED, Publisher, answer
from silkwire.config import Settings
from silkwire.fetch import fetch_feeds
from silkwire.fetch.dns import SystemResolver, is_local_name
from silkwire.model import ErrorClass, PlannedFeed


def resolve(host):
    found = asyncio.run(SystemResolver().resolve(host, 80))
    return [result["host"] for result in found]


@pytest.mark.parametrize("host", ["localhost", "localhost.", "a.b.localhost"])
def test_local_names_are_loopback_without_a_lookup(host):
    assert resolve(host) == ["127.0.0.1", "::1"]


def test_names_that_only_look_local_are_not():
    assert not is_local_name("localhost.example")
    assert not is_local_name("mylocalhost")


@pytest.mark.parametrize("host", ["a" * 300, "a..b.invalid"])
def test_malformed_name_is_an_error_like_an_unknown_one(host):
    with pytest.raises(OSError):  # noqa: PT011 - the text is the system's
        resolve(host)


def test_lookups_that_hang_hold_up_nobody_else(monkeypatch):
    is_over = Event()

    def look_up(host, port, **options):
        if host.startswith("slow"):
            is_over.wait(60)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    with Publisher(pages={"/feed": answer(FEED)}) as publisher:
        hosts = [f"slow{number}.example" for number in range(100)] + ["quick.example"]
        urls = [publisher.url("/feed", host) for host in hosts]
        exchanges = []
        began = time.monotonic()
        fetch_feeds(
            [PlannedFeed(key, url, url) for key, url in enumerate(urls)],
            Settings(fetch_allow_private="127.0.0.0/8", fetch_deadline=5),
            credentials={},
            on_exchange=exchanges.append,
        )
        assert time.monotonic() - began < 50
        is_over.set()
    failed = [e.result.feed_key for e in exchanges if e.result.error_class is ErrorClass.TIMEOUT]
    assert sorted(failed) == list(range(100))
