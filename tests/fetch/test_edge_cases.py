"""What publishers do to feed readers, tested with whole batches, a real server and a fake clock.

`tests/feeds` tests when a feed is due; the other files of this folder test single requests.
"""

import gzip
import itertools
import zlib
from pathlib import Path

import brotli
import pytest
import zstandard
from sqlalchemy import text

from helpers.desk import FIRST, HOUR, SECOND, Desk, rss
from helpers.publisher import answer, redirect
from silkwire.feeds.lease import UNCONDITIONAL_SHARE
from silkwire.feeds.schedule.jitter import fraction_of
from silkwire.pipeline.held.release_reject import reject_batch


def name_batch(url: str, *, is_conditional: bool, prefix: str = "") -> str:
    """A batch id with which the fetch of this feed is conditional, or is not."""
    names = (f"{prefix}{number}" for number in itertools.count())
    return next(n for n in names if (fraction_of(n, url) >= UNCONDITIONAL_SHARE) is is_conditional)


def sent(desk: Desk) -> dict[str, str]:
    """The last request's headers."""
    return desk.publisher.requests[-1].headers


# --- validators, and what changed


def test_an_etag_that_lies_is_seen_through_by_a_fetch_without_it(desk: Desk) -> None:
    url = desk.list_feed("/feed")
    desk.publisher.add("/feed", answer(rss(FIRST), etag='"for ever"'))
    assert desk.run().feeds.new == 1
    desk.publisher.add("/feed", answer(rss(FIRST, SECOND), etag='"for ever"'))
    asked = desk.run(after=HOUR, batch_id=name_batch(url, is_conditional=True))
    assert (asked.feeds.not_modified, desk.titles()) == (1, [FIRST])
    unasked = desk.run(after=HOUR, batch_id=name_batch(url, is_conditional=False))
    assert (unasked.feeds.new, desk.titles()) == (1, [FIRST, SECOND])


def test_new_validators_of_a_304_are_sent_next_and_we_never_invent_any(desk: Desk) -> None:
    url = desk.list_feed("/feed")
    desk.publisher.add("/feed", answer(rss(FIRST), etag='"1"'))
    desk.run()
    desk.publisher.add("/feed", answer(status=304, etag='"2"', last_modified="then"))
    for turn in "xy":
        desk.run(after=HOUR, batch_id=name_batch(url, is_conditional=True, prefix=turn))
    asked = [
        (r.headers.get("if-none-match"), r.headers.get("if-modified-since"))
        for r in desk.publisher.requests
    ]
    assert asked == [(None, None), ('"1"', None), ('"2"', "then")]


def test_validators_are_kept_when_the_batch_is_loaded_and_not_before(desk: Desk) -> None:
    url = desk.list_feed("/feed")
    desk.publisher.add("/feed", answer(rss(FIRST), etag='"1"'))
    batch_id = desk.fetch(is_all=True)
    assert (desk.feed(url).etag, desk.feed(url).body_hash) == (None, None)
    desk.load(batch_id)
    assert desk.feed(url).etag == '"1"'


def test_a_rejected_batch_makes_the_next_fetch_unconditional(desk: Desk) -> None:
    url = desk.list_feed("/feed")
    nameless = "<item><link>https://o.example/x</link><description>AI</description></item>"
    desk.publisher.add("/feed", answer(rss(extra=nameless * 9), etag='"1"'))
    assert desk.run().verdict == "held"
    assert desk.feed(url).etag == '"1"'
    reject_batch(desk.ctx, "b1", reviewer="ann")
    desk.run(after=HOUR)
    assert "if-none-match" not in sent(desk)


def test_a_build_date_and_a_comment_count_are_churn_and_lengthen_the_interval(desk: Desk) -> None:
    url = desk.list_feed("/feed")
    waits = []
    for minute in range(4):
        built = f"<lastBuildDate>Mon, 23 Nov 2026 10:0{minute}:00 GMT</lastBuildDate>"
        count = f"<slash:comments xmlns:slash='s'>{minute}</slash:comments>"
        desk.publisher.add("/feed", answer(rss(FIRST, extra=built, item=count)))
        report = desk.run(after=HOUR)
        assert report.feeds.new == 1
        waits.append(desk.feed(url).poll_interval)
    assert (report.entries.unchanged, report.articles.revised) == (1, 0)
    assert waits == [HOUR, 1.1 * HOUR, 1.1 * 1.1 * HOUR, waits[2] * 1.1]
    with desk.ctx.engine.begin() as conn:
        counted = conn.execute(text("SELECT count(*) FROM ops.fetch WHERE is_churn")).scalar()
    assert counted == 3


def test_an_edit_under_the_same_date_is_seen(desk: Desk) -> None:
    desk.list_feed("/feed")
    desk.publisher.add("/feed", answer(rss(FIRST)))
    desk.run()
    edited = FIRST.replace("releases", "withdraws")
    desk.publisher.add("/feed", answer(rss(edited)))
    assert desk.run(after=HOUR).articles.revised == 1
    assert desk.titles() == [edited]


# --- credentials, labels


def test_credentials_are_used_and_stored_in_one_table_and_in_no_file(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    url = desk.list_feed("/feed", host="reader:s3cr3t@127.0.0.1")
    desk.publisher.add("/feed", redirect("/moved?token=s3cr3t", 301))
    desk.publisher.add("/moved", answer(rss(FIRST), x_echo="reader:s3cr3t"))
    desk.run()
    assert sent(desk)["authorization"] == "Basic cmVhZGVyOnMzY3IzdA=="
    assert desk.titles() == [FIRST]
    with desk.ctx.engine.begin() as conn:
        tables = text(
            "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables"
            " WHERE schemaname IN ('ops', 'core')"
        )
        for table in conn.execute(tables).scalars().all():
            rows = conn.execute(text(f"SELECT CAST(t AS text) FROM {table} AS t")).scalars().all()
            assert table == "ops.feed_secret" or not any("s3cr3t" in row for row in rows), table
    assert desk.feed(url).feed_url == url
    for file in Path(desk.ctx.settings.data_root).rglob("*"):
        if file.is_file():
            data = file.read_bytes()
            plain = gzip.decompress(data) if file.suffix == ".gz" else data
            assert b"s3cr3t" not in plain, file
            assert b"cmVhZGVyOnMzY3IzdA" not in plain, file
    assert "s3cr3t" not in caplog.text


@pytest.mark.parametrize("kind", ["text/html", "text/plain", "application/octet-stream", "x", None])
def test_a_wrong_content_type_is_normal(desk: Desk, kind: str | None) -> None:
    url = desk.list_feed("/feed")
    desk.publisher.add("/feed", answer(rss(FIRST), content_type=kind))
    desk.run()
    assert (desk.feed(url).state, desk.titles()) == ("healthy", [FIRST])


def test_a_page_instead_of_a_feed_fails_as_html_and_its_feed_is_offered(desk: Desk) -> None:
    url = desk.list_feed("/feed")
    link = '<link rel="alternate" type="application/atom+xml" href="/real.xml">'
    page = f"<!doctype html><html><head>{link}</head><body><p>Moved</p></body></html>"
    desk.publisher.add("/feed", answer(page.encode(), content_type="application/rss+xml"))
    assert desk.run().feeds.failed == 1
    feed = desk.feed(url)
    assert (feed.state, feed.last_error_class) == ("failing", "html")
    assert feed.suggested_feed_url == desk.publisher.url("/real.xml", "127.0.0.1")


def deflate_bare(data: bytes) -> bytes:
    compressor = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return compressor.compress(data) + compressor.flush()


PACKED = {
    "gzip": ("gzip", gzip.compress),
    "zlib": ("deflate", zlib.compress),
    "bare deflate": ("deflate", deflate_bare),
    "brotli": ("br", brotli.compress),
    "zstandard": ("zstd", zstandard.compress),
    "gzip, unsaid": (None, gzip.compress),
    "zstandard, unsaid": (None, zstandard.compress),
    "gzip in gzip": ("gzip", lambda body: gzip.compress(gzip.compress(body))),
    "plain, said to be gzip": ("gzip", bytes),
    "plain, said to be brotli": ("br", bytes),
    "brotli, said to be gzip": ("gzip", brotli.compress),
    "gzip, said to be deflate": ("deflate", gzip.compress),
    "gzip, said to be sdch": ("sdch", gzip.compress),
}


def test_every_coding_and_every_lie_about_it_gives_the_same_entries(desk: Desk) -> None:
    for number, (coding, pack) in enumerate(PACKED.values()):
        desk.list_feed(f"/{number}")
        body = pack(rss(f"{number}: OpenAI shows an AI model"))
        desk.publisher.add(f"/{number}", answer(body, content_encoding=coding))
    report = desk.run()
    assert (report.feeds.new, report.feeds.failed) == (len(PACKED), 0)
    assert len(desk.titles()) == len(PACKED)
