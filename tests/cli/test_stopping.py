"""Ctrl-C and SIGTERM on `silkwire ingest`: it stops in good order, and the next one goes on."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from xml.sax.saxutils import quoteattr

import pytest
from sqlalchemy import Engine

from helpers.newsstand import ask
from helpers.patience import measure_slowness
from helpers.publisher import Publisher, answer, hang, wait_and_answer
from silkwire.archive import read_results
from silkwire.config import Settings, read_settings
from silkwire.model import PlannedFeed
from silkwire.pipeline import SILENT, open_context, plan_batch
from silkwire.pipeline.batch.fetch import fetch_into_archive
from silkwire.pipeline.batch.files import feeds_file

PATHS = ("/quick", "/slow", "/stuck", "/waiting", "/last")
STOPPED = "silkwire: stopped; what was fetched is kept, and the next `silkwire ingest` goes on"


def feed_of(path: str) -> bytes:
    link = f"https://o.example{path}"
    entry = f"<item><title>OpenAI shows AI {path}</title><link>{link}</link></item>"
    return f"<rss version='2.0'><channel><title>t</title>{entry}</channel></rss>".encode()


@pytest.fixture
def publisher() -> Iterator[Publisher]:
    """Of five feeds four may be asked at once; three of them never answer."""
    with Publisher() as server:
        server.add("/quick", answer(feed_of("/quick")))
        server.add("/slow", wait_and_answer(2, feed_of("/slow")))
        server.add("/stuck", hang())
        server.add("/waiting", hang())
        server.add("/last", hang())
        yield server


@pytest.fixture
def command(
    warehouse_settings: Settings,
    publisher: Publisher,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> list[str]:
    del warehouse_settings
    for name, value in {
        "ALLOW_PRIVATE": "127.0.0.0/8",
        "HOST_PAUSE": "0",
        "HOST_CONCURRENCY": "4",
        "DEADLINE": "40",
        "FIRST_BYTE": "40",
    }.items():
        monkeypatch.setenv(f"SILKWIRE_FETCH_{name}", value)
    urls = "".join(f"<outline xmlUrl={quoteattr(publisher.url(path))}/>" for path in PATHS)
    opml = tmp_path / "feeds.opml"
    opml.write_text(f"<opml version='2.0'><body>{urls}</body></opml>")
    return [sys.executable, "-m", "silkwire", "ingest", "--json", "--feeds", str(opml)]


def start_and_signal(
    command: list[str], publisher: Publisher, number: signal.Signals
) -> tuple[int, str, str, float]:
    """The run's exit code, stdout and stderr, and how long it took to stop."""
    with subprocess.Popen(
        command, env=dict(os.environ), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        while not {"/quick", "/slow"} <= set(publisher.paths()):
            assert process.poll() is None, process.stderr and process.stderr.read()
            time.sleep(0.02)
        began = time.monotonic()
        os.kill(process.pid, number)
        out, err = process.communicate(timeout=120)
        return process.returncode, out, err, time.monotonic() - began


@pytest.mark.slow
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_stopped_ingest_finishes_what_is_under_way_and_the_next_one_loses_nothing(
    command: list[str],
    publisher: Publisher,
    warehouse: Engine,
    number: signal.Signals,
    code: int,
) -> None:
    exit_code, out, err, seconds = start_and_signal(command, publisher, number)
    assert (exit_code, out) == (code, ""), err
    assert STOPPED in " ".join(err.split())
    assert "Traceback" not in err
    assert seconds < 10 * measure_slowness()  # the promise itself
    root = read_settings().data_root
    (archive,) = Path(root).rglob("*-000.warc.gz")
    name = str(archive.relative_to(root))
    kept = {result.feed_url for result in read_results(root, name)}
    assert kept == {publisher.url("/quick"), publisher.url("/slow")}
    assert ask(warehouse, "SELECT state, attempt_count FROM ops.batch") == [("running", 0)]

    for path in PATHS:  # by now the first feeds show something else
        publisher.add(path, answer(feed_of(path if path not in ("/quick", "/slow") else "/else")))
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    assert publisher.paths().count("/quick") == publisher.paths().count("/slow") == 1
    assert ask(warehouse, "SELECT article_url FROM mart.articles ORDER BY 1") == sorted(
        (f"https://o.example{path}",) for path in PATHS
    )
    assert ask(warehouse, "SELECT count(*), count(DISTINCT archive_file) FROM ops.fetch") == [
        (5, 1)
    ]
    assert len(list(read_results(root, name))) == 5


def test_a_shard_that_is_archived_whole_is_not_asked_for_again(
    warehouse_settings: Settings,
    publisher: Publisher,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    del warehouse_settings
    monkeypatch.setenv("SILKWIRE_FETCH_ALLOW_PRIVATE", "127.0.0.0/8")
    opml = tmp_path / "feeds.opml"
    opml.write_text(
        f"<opml version='2.0'><body><outline xmlUrl='{publisher.url('/quick')}'/></body></opml>"
    )
    with open_context(read_settings()) as ctx:
        plan_batch(ctx, batch_id="b", feeds_opml=opml)
        feeds = list(ctx.folder("b").read(feeds_file(0), PlannedFeed))
        first = fetch_into_archive(ctx, "b", 0, feeds, SILENT)
        assert fetch_into_archive(ctx, "b", 0, feeds, SILENT) == first
    assert publisher.paths() == ["/quick"]
