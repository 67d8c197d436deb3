"""A process that serves feeds on loopback, at one port of many hosts; it ends with its parent.

It serves the real documents of `../shared/corpus` if they are asked for and there, otherwise
generated ones.
"""

import asyncio
import hashlib
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

from aiohttp import web

CORPUS = Path(__file__).resolve().parents[2] / "shared" / "corpus" / "feeds"
FEEDS_A_HOST = 500
ENTRIES = 5
"""Per generated document."""
ON_TOPIC = 23
"""One generated entry in `ON_TOPIC` is on a topic: the share in real news feeds."""
WORDS = """
    agency bank bridge cabinet court delay deal energy export factory founder grant harbour index
    law lender market mayor minister office permit pilot plan port rail report road route school
    seat ship station tariff team tower train union vote water worker year
""".split()  # noqa: SIM905 - easier to read than quotes around each


@contextmanager
def publish(count: int, *, is_real: bool) -> Iterator[list[str]]:
    """Yield the urls of `count` feeds, which are served while the block runs."""
    source = "real" if is_real and CORPUS.is_dir() else "generated"
    with subprocess.Popen(
        [sys.executable, __file__, source, str(count)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        yield [process.stdout.readline().strip() for _ in range(count)]
        process.stdin.close()


@lru_cache(maxsize=1_000)
def make_document(number: int) -> bytes:
    """The document of feed `number`: always the same, and different for each feed."""
    items = "".join(_make_item(number, position) for position in range(ENTRIES))
    return (
        f"<?xml version='1.0' encoding='utf-8'?><rss version='2.0'><channel>"
        f"<title>Paper {number}</title><link>https://n{number}.example/</link>{items}"
        "</channel></rss>"
    ).encode()


def _make_item(number: int, position: int) -> str:
    seed = number * ENTRIES + position + 1
    words = [WORDS[seed * step % 9_973 % len(WORDS)] for step in range(1, 20)]
    words += [_spell(seed * step) for step in range(1, 20)]  # so that no two texts are alike
    subject = "China extends visa-free entry" if seed % ON_TOPIC == 0 else "The council meets"
    return (
        f"<item><title>{subject}: {' '.join(words[::7])}</title>"
        f"<link>https://n{number}.example/{seed}?utm_source=rss</link>"
        f"<guid isPermaLink='false'>{seed}</guid>"
        f"<pubDate>Mon, 23 Nov 2026 07:{seed % 60:02}:00 GMT</pubDate>"
        f"<description>&lt;p&gt;{' '.join(words)}&lt;/p&gt;</description></item>"
    )


def _spell(number: int) -> str:
    word = ""
    while number:
        number, digit = divmod(number, 20)
        word += "bcdfghjklmnprstvwzqx"[digit] + "aeiou"[digit % 5]
    return word or "a"


def _read_corpus(count: int) -> list[bytes]:
    return [path.read_bytes() for path in sorted(CORPUS.iterdir())[:count]]


class _Feeds:
    def __init__(self, source: str, count: int) -> None:
        self._documents = _read_corpus(count) if source == "real" else None
        self.count = count if self._documents is None else len(self._documents)

    async def answer(self, request: web.Request) -> web.Response:
        number = int(request.match_info["number"])
        body = make_document(number) if self._documents is None else self._documents[number]
        etag = f'"{hashlib.md5(body, usedforsecurity=False).hexdigest()}"'
        if request.headers.get("If-None-Match") == etag:
            return web.Response(status=304, headers={"ETag": etag})
        headers = {"ETag": etag, "Content-Type": "application/xml"}
        return web.Response(body=body, headers=headers)


async def _serve(source: str, count: int) -> None:
    feeds = _Feeds(source, count)
    app = web.Application()
    app.router.add_get("/{number}", feeds.answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    hosts = [f"127.0.0.{1 + n}" for n in range(max(20, -(-count // FEEDS_A_HOST)))]
    port = 0
    for host in hosts:
        await web.TCPSite(runner, host, port, backlog=1024).start()
        port = port or runner.addresses[0][1]
    lines = (f"http://{hosts[n % len(hosts)]}:{port}/{n}\n" for n in range(feeds.count))
    sys.stdout.write("".join(lines))
    sys.stdout.flush()
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(_serve(sys.argv[1], int(sys.argv[2])))
