"""What publishers do to feed readers, played against whole batches: a real server, a real warehouse
and a clock of our own. Limits and attacks on a single request are in `test_fetch*.py`.
"""

import gzip
import itertools
import shutil
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from ipaddress import ip_network
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

import brotli
import pytest
import zstandard
from sqlalchemy import Row, text

from publisher import Publisher, answer, redirect, write_raw
from silkwire.config import Settings
from silkwire.feeds.jitter import fraction_of
from silkwire.feeds.plan import UNCONDITIONAL_SHARE
from silkwire.model import BatchReport
from silkwire.pipeline import (
    Context,
    fetch_shard,
    load_step,
    match_batch,
    open_context,
    parse_batch,
    plan_batch,
    validate_batch,
)
from silkwire.pipeline.review import reject_batch

START = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def rss(*titles: str, extra: str = "", item: str = "") -> bytes:
    items = "".join(
        f"<item><title>{title}</title><link>https://o.example/{title.split()[0]}</link>"
        f"<pubDate>Mon, 23 Nov 2026 09:00:00 GMT</pubDate>{item}</item>"
        for title in titles
    )
    feed = f"<rss version='2.0'><channel><title>t</title>{extra}{items}</channel></rss>"
    return feed.encode()


FIRST, SECOND = "One: OpenAI releases an AI model", "Two: Anthropic opens an AI laboratory"


@dataclass
class Desk:
    """A publisher, a list of its feeds, and batches at times of our choosing."""

    ctx: Context
    publisher: Publisher
    folder: Path
    at: datetime = START
    outlines: list[str] = field(default_factory=list)
    batch_count: int = 0

    def list_feed(self, path: str, *, host: str = "127.0.0.1", attributes: str = "") -> str:
        """The feed's url, without the credentials that `host` may hold."""
        url = self.publisher.url(path, host)
        self.outlines.append(f"<outline xmlUrl={quoteattr(url)} {attributes}/>")
        opml = f"<opml version='2.0'><body>{''.join(self.outlines)}</body></opml>"
        (self.folder / "feeds.opml").write_text(opml)
        return url.replace(host, host.rpartition("@")[2])

    def fetch(self, *, after: timedelta = timedelta(), batch_id: str = "", is_all: bool) -> str:
        self.at += after
        self.batch_count += 1
        batch_id = batch_id or f"b{self.batch_count}"
        plan = plan_batch(self.ctx, batch_id=batch_id, ignore_due=is_all)
        for shard in range(plan.shard_count):
            fetch_shard(self.ctx, batch_id, shard)
        return batch_id

    def load(self, batch_id: str) -> BatchReport:
        for step in (parse_batch, match_batch, validate_batch):
            step(self.ctx, batch_id)
        return load_step(self.ctx, batch_id)

    def run(
        self, *, after: timedelta = timedelta(), batch_id: str = "", is_all: bool = True
    ) -> BatchReport:
        """A batch `after` the one before; of all feeds, or of those that are due."""
        return self.load(self.fetch(after=after, batch_id=batch_id, is_all=is_all))

    def feed(self, url: str) -> "Row[Any]":
        with self.ctx.engine.begin() as conn:
            statement = text("SELECT * FROM ops.feed WHERE feed_url = :url")
            return conn.execute(statement, {"url": url}).one()

    def wait(self, url: str) -> timedelta:
        due: datetime = self.feed(url).next_due_at
        return due - self.at

    def titles(self) -> list[str]:
        with self.ctx.engine.begin() as conn:
            return list(conn.execute(text("SELECT title FROM mart.articles ORDER BY 1")).scalars())


@pytest.fixture
def desk(warehouse_settings: Settings, tmp_path: Path) -> Iterator[Desk]:
    settings = warehouse_settings.model_copy(
        update={
            "config_dir": tmp_path / "config",
            "fetch_allow_private": (ip_network("127.0.0.0/8"),),
            "fetch_host_pause": 0.0,
            "fetch_deadline": 5.0,
            "hold_min_entries": 2,
        }
    )
    shutil.copytree(warehouse_settings.config_dir, settings.config_dir)
    clock: list[Desk] = []
    with (
        Publisher(host="0.0.0.0") as publisher,
        open_context(settings, now=lambda: clock[0].at) as ctx,
    ):
        clock.append(Desk(ctx, publisher, settings.config_dir))
        yield clock[0]


def name_batch(url: str, *, is_conditional: bool, prefix: str = "") -> str:
    """A batch id that draws this lot for the feed."""
    names = (f"{prefix}{number}" for number in itertools.count())
    return next(n for n in names if (fraction_of(n, url) >= UNCONDITIONAL_SHARE) is is_conditional)


def sent(desk: Desk) -> dict[str, str]:
    """The last request's headers."""
    return desk.publisher.requests[-1].headers


# --- 1 to 5: validators, and what changed


def test_an_etag_that_lies_is_seen_through_by_a_fetch_without_it(desk: Desk) -> None:
    url = desk.list_feed("/feed")
    desk.publisher.add("/feed", answer(rss(FIRST), etag='"for ever"'))
    assert desk.run().feeds.new == 1
    desk.publisher.add("/feed", answer(rss(FIRST, SECOND), etag='"for ever"'))
    asked = desk.run(after=HOUR, batch_id=name_batch(url, is_conditional=True))
    assert (asked.feeds.not_modified, desk.titles()) == (1, [FIRST])
    unasked = desk.run(after=HOUR, batch_id=name_batch(url, is_conditional=False))
    assert (unasked.feeds.new, desk.titles()) == (1, [FIRST, SECOND])


def test_new_validators_of_a_304_are_sent_next_and_none_of_ours_ever(desk: Desk) -> None:
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


# --- 6: being told to wait

AS_DATE = format_datetime(START + 10 * MINUTE + 2 * HOUR, usegmt=True)


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(
    ("value", "least"), [("7200", 2 * HOUR), (AS_DATE, 2 * HOUR), ("31536000", DAY)]
)
def test_retry_after_holds_back_the_whole_host_and_a_day_at_most(
    desk: Desk, status: int, value: str, least: timedelta
) -> None:
    urgent = desk.list_feed("/urgent", attributes="poll='10m'")
    neighbour, stranger = desk.list_feed("/calm"), desk.list_feed("/calm", host="127.0.0.2")
    for path in ("/urgent", "/calm"):
        desk.publisher.add(path, answer(rss(FIRST)))
    desk.run()
    with desk.ctx.engine.begin() as conn:  # the others would be due before the pause is over
        later = text("UPDATE ops.feed SET next_due_at = :at WHERE feed_url <> :urgent")
        conn.execute(later, {"at": START + 40 * MINUTE, "urgent": urgent})
    desk.publisher.add("/urgent", answer(b"", status, retry_after=value))
    assert desk.run(after=10 * MINUTE, is_all=False).feeds.failed == 1
    assert desk.publisher.paths()[-1] == "/urgent"
    assert least + 5 * MINUTE <= desk.wait(urgent) <= 1.1 * least + 6 * MINUTE
    assert least + 5 * MINUTE <= desk.wait(neighbour) <= least + 15 * MINUTE
    assert desk.wait(stranger) == 30 * MINUTE
    assert (desk.feed(urgent).state, desk.feed(neighbour).state) == ("failing", "healthy")


def test_feeds_of_a_host_that_wants_a_pause_are_not_asked_and_not_blamed(desk: Desk) -> None:
    urls = [desk.list_feed(f"/{n}") for n in range(9)]
    for n in range(9):
        desk.publisher.add(f"/{n}", answer(b"", 429, retry_after="3600"))
    assert desk.run().feeds.failed == 9
    assert len(desk.publisher.requests) <= 2
    assert sum(desk.feed(url).failure_count for url in urls) == len(desk.publisher.requests)
    assert min(desk.wait(url) for url in urls) > HOUR


# --- 7, 8: feeds that move, vanish and come back


@pytest.mark.parametrize("status", [301, 308])
def test_a_permanent_redirect_is_adopted_at_the_third_sighting_and_reported(
    desk: Desk, status: int
) -> None:
    url = desk.list_feed("/old")
    desk.publisher.add("/old", redirect("/new", status))
    new = desk.publisher.url("/new", "127.0.0.1")
    desk.publisher.add("/new", answer(rss(FIRST), etag='"1"'))
    for sightings in range(3):
        assert (desk.feed(url).fetch_url if sightings else url) == url
        desk.run(after=HOUR)
    assert desk.feed(url).fetch_url == new
    (move,) = desk.feed(url).redirect_history
    assert (move["from_url"], move["to_url"]) == (url, new)
    with desk.ctx.engine.begin() as conn:
        assert conn.execute(text("SELECT moved_to_url FROM mart.feed_health")).scalar() == new
    asked = len(desk.publisher.requests)
    desk.run(after=HOUR)
    assert desk.publisher.paths()[asked:] == ["/new"]


@pytest.mark.parametrize("status", [302, 303, 307])
def test_a_temporary_redirect_is_followed_and_forgotten(desk: Desk, status: int) -> None:
    url = desk.list_feed("/old")
    desk.publisher.add("/old", redirect("/new", status))
    desk.publisher.add("/new", answer(rss(FIRST), etag='"1"'))
    for _ in range(4):
        desk.run(after=HOUR)
    assert (desk.feed(url).fetch_url, desk.feed(url).moved_count) == (url, 0)


def test_410_is_gone_and_still_asked_after_days_until_the_feed_comes_back(desk: Desk) -> None:
    url = desk.list_feed("/feed")
    desk.publisher.add("/feed", answer(b"", 410))
    waits = []
    for _ in range(5):
        desk.run(after=8 * DAY, is_all=False)
        assert desk.feed(url).state == "gone"
        waits.append(desk.wait(url))
    for wait, days in zip(waits, (1, 2, 4, 7, 7), strict=True):
        assert 0.9 * days * DAY <= wait <= 1.1 * days * DAY
    desk.publisher.add("/feed", answer(rss(FIRST)))
    assert desk.run(after=8 * DAY, is_all=False).feeds.new == 1
    assert (desk.feed(url).state, desk.feed(url).failure_count) == ("healthy", 0)


@pytest.mark.parametrize(("status", "first_wait"), [(404, HOUR), (500, 10 * MINUTE)])
def test_a_feed_that_fails_is_asked_ever_less_and_recovers_by_itself(
    desk: Desk, status: int, first_wait: timedelta
) -> None:
    url = desk.list_feed("/feed")
    desk.publisher.add("/feed", answer(b"", status))
    waits = []
    for _ in range(3):
        desk.run(after=DAY, is_all=False)
        waits.append(desk.wait(url))
    assert desk.feed(url).state == "failing"
    for wait, expected in zip(waits, (first_wait, 2 * first_wait, 4 * first_wait), strict=True):
        assert 0.9 * expected <= wait <= 1.1 * expected
    desk.publisher.add("/feed", answer(rss(FIRST)))
    desk.run(after=DAY, is_all=False)
    assert (desk.feed(url).state, desk.feed(url).last_error) == ("healthy", None)
    assert desk.titles() == [FIRST]


# --- 9 to 11: our own network, the rhythm, fairness


def test_when_all_hosts_fail_at_once_no_failure_is_recorded(desk: Desk) -> None:
    urls = [desk.list_feed("/feed", host=f"127.0.0.{n}") for n in range(1, 5)]
    desk.publisher.add("/feed", answer(rss(FIRST)))
    desk.run()
    healthy = [desk.feed(url) for url in urls]
    desk.publisher.add("/feed", write_raw())
    assert desk.run(after=HOUR).feeds.failed == 4
    for url, before in zip(urls, healthy, strict=True):
        assert (desk.feed(url).state, desk.feed(url).failure_count) == ("healthy", 0)
        assert desk.feed(url).poll_interval == before.poll_interval
        assert 9 * MINUTE <= desk.wait(url) <= 11 * MINUTE
    with desk.ctx.engine.begin() as conn:
        failed = text("SELECT count(*) FROM ops.fetch WHERE outcome = 'failed'")
        assert conn.execute(failed).scalar() == 4


def test_one_host_that_fails_while_others_answer_is_recorded(desk: Desk) -> None:
    urls = [desk.list_feed(f"/{n}", host=f"127.0.0.{n}") for n in range(1, 5)]
    for n in range(1, 5):
        desk.publisher.add(f"/{n}", answer(rss(FIRST)))
    desk.run()
    desk.publisher.add("/1", write_raw())
    desk.run(after=HOUR)
    assert [desk.feed(url).failure_count for url in urls] == [1, 0, 0, 0]


SY = "xmlns:sy='http://purl.org/rss/1.0/modules/syndication/'"
WISHES: dict[str, tuple[dict[str, Any], str, timedelta]] = {
    "max-age": ({"cache_control": "max-age=7200"}, "", 2 * HOUR),
    "max-age of a year": ({"cache_control": "max-age=31536000"}, "", DAY),
    "max-age of a second": ({"cache_control": "max-age=1"}, "", HOUR),
    "Expires": (
        {
            "date": format_datetime(START, usegmt=True),
            "expires": format_datetime(START + 3 * HOUR, usegmt=True),
        },
        "",
        3 * HOUR,
    ),
    "ttl": ({}, "<ttl>240</ttl>", 4 * HOUR),
    "sy": (
        {},
        f"<sy:updatePeriod {SY}>daily</sy:updatePeriod>"
        f"<sy:updateFrequency {SY}>4</sy:updateFrequency>",
        6 * HOUR,
    ),
}


@pytest.mark.parametrize("wish", WISHES)
def test_what_a_publisher_asks_for_is_obeyed_within_bounds(desk: Desk, wish: str) -> None:
    headers, extra, expected = WISHES[wish]
    url = desk.list_feed("/feed")
    desk.publisher.add("/feed", answer(rss(FIRST, extra=extra), **headers))
    desk.run()
    if expected > HOUR:  # at once, although feeds that are new take any place within their interval
        assert 0.9 * expected <= desk.wait(url) <= 1.1 * expected
    desk.run(after=desk.wait(url))
    assert 0.9 * expected <= desk.wait(url) <= 1.1 * 1.1 * expected


def test_hours_to_skip_are_skipped(desk: Desk) -> None:
    url = desk.list_feed("/feed")
    hours = "".join(f"<hour>{hour}</hour>" for hour in range(10, 16))
    desk.publisher.add("/feed", answer(rss(FIRST, extra=f"<skipHours>{hours}</skipHours>")))
    desk.run()
    assert START.replace(hour=16, minute=5) <= desk.feed(url).next_due_at < START + 7 * HOUR


def test_feeds_that_were_read_together_are_not_due_together(desk: Desk) -> None:
    urls = [desk.list_feed(f"/feed?{n}") for n in range(60)]
    desk.publisher.add("/feed", answer(rss(FIRST)))
    desk.run()
    minutes = [desk.feed(url).next_due_at.replace(second=0, microsecond=0) for url in urls]
    assert len(set(minutes)) > 30
    assert max(map(minutes.count, minutes)) < 8


def test_a_host_with_many_feeds_gets_two_at_once_with_a_pause_and_holds_up_nobody(
    desk: Desk,
) -> None:
    settings = desk.ctx.settings.model_copy(update={"fetch_host_pause": 0.1})
    desk.ctx = Context(settings, desk.ctx.engine, desk.ctx.now)
    for n in range(12):
        desk.list_feed(f"/feed?{n}")
    desk.list_feed("/other", host="127.0.0.2")
    desk.publisher.add("/feed", answer(rss(FIRST)))
    desk.publisher.add("/other", answer(rss(SECOND)))
    assert desk.run().feeds.new == 13
    assert max(desk.publisher.most_at_once.values()) <= 2
    assert desk.publisher.paths().index("/other") < 5
    times = [r.at for r in desk.publisher.requests if r.path != "/other"]
    assert times[-1] - times[0] > 1.0  # eleven pauses


# --- 14 to 16: credentials, labels


def test_credentials_are_used_and_stand_in_no_table_but_one_and_in_no_file(
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
