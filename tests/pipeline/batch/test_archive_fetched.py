"""Fetch and archive together: what a real server sent comes back from the archive."""

import gzip
import os
import signal
import subprocess
import sys
import textwrap
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from helpers.publisher import FEED, Publisher, answer, redirect, wait_and_answer, write_raw
from silkwire.archive import ArchiveWriter, read_bodies, read_results
from silkwire.config import Settings
from silkwire.fetch import fetch_feeds
from silkwire.model import FetchOutcome, PlannedFeed

FILE = "archive/b1.warc.gz"
STARTED = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)


@pytest.fixture
def publisher():
    with Publisher() as server:
        yield server


def fetch_into(root, feeds):
    results = []
    settings = Settings(fetch_allow_private="127.0.0.0/8", fetch_host_pause=0, fetch_deadline=2)
    with ArchiveWriter(
        str(root), FILE, batch_id="b1", started_at=STARTED, configuration={}
    ) as writer:
        fetch_feeds(
            feeds,
            settings,
            credentials={},
            on_exchange=lambda exchange: results.append(writer.write(exchange)),
        )
    return sorted(results, key=lambda result: result.feed_key)


def add_all(publisher):
    pages = [
        answer(FEED),
        answer(gzip.compress(FEED), content_encoding="gzip", etag='"1"'),
        write_raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
                  b"%x\r\n%s\r\n0\r\n\r\n" % (len(FEED), FEED)),
        redirect("/0"),
        answer(b"gone", 410),
        answer(FEED, content_length="9999"),
        write_raw(b"nonsense\r\n\r\n"),
    ]  # fmt: skip
    urls = [publisher.add(f"/{key}", page) for key, page in enumerate(pages)]
    urls.append("http://10.0.0.1/")
    feeds = [PlannedFeed(key, url, url) for key, url in enumerate(urls)]
    return [*feeds, PlannedFeed(8, urls[1], urls[1], etag='"1"')]


def test_what_was_fetched_comes_back_from_the_archive(publisher, tmp_path):
    results = fetch_into(tmp_path, add_all(publisher))
    assert [result.outcome.value for result in results] == [
        *["new"] * 4,
        *["failed"] * 4,
        "not_modified",
    ]
    places = [(FILE, result.archive_offset) for result in results[:6]]
    bodies = [found.body for found in read_bodies(str(tmp_path), places, max_bytes=10_000)]
    assert bodies == [FEED, FEED, FEED, FEED, b"gone", FEED]
    kept = sorted(read_results(str(tmp_path), FILE), key=lambda result: result.feed_key)
    assert kept == results


def test_archive_of_real_answers_passes_warcio_check(publisher, tmp_path):
    fetch_into(tmp_path, add_all(publisher))
    command = [sys.executable, "-m", "warcio.cli", "check", "-v", str(tmp_path / FILE)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, "fail" in done.stdout) == (0, False), done.stdout


FETCHER = """
import sys
from datetime import UTC, datetime
from silkwire.archive import ArchiveWriter
from silkwire.config import Settings
from silkwire.fetch import fetch_feeds
from silkwire.model import PlannedFeed

root, url = sys.argv[1:]
feeds = [PlannedFeed(key, f"{url}?{key}", f"{url}?{key}") for key in range(20)]
settings = Settings(fetch_allow_private="127.0.0.0/8", fetch_host_concurrency=3)
now = datetime.now(UTC)
name = "archive/b1.warc.gz"
with ArchiveWriter(root, name, batch_id="b1", started_at=now, configuration={}) as w:
    fetch_feeds(feeds, settings, credentials={}, on_exchange=w.write)
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_signal_leaves_a_whole_archive_and_a_kill_none(publisher, tmp_path, number):
    url = publisher.add("/slow", wait_and_answer(1.5))
    command = [sys.executable, "-c", textwrap.dedent(FETCHER), str(tmp_path), url]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        while not publisher.requests:
            time.sleep(0.02)
        os.kill(process.pid, number)
        assert process.wait(60) != 0
    is_kept = number != signal.SIGKILL
    assert [path.name for path in Path(tmp_path).rglob("*.*")] == ["b1.warc.gz"] * is_kept
    if is_kept:
        kept = list(read_results(str(tmp_path), FILE))
        assert {result.outcome for result in kept} == {FetchOutcome.NEW}
        assert len(kept) == len(publisher.requests) < 4
