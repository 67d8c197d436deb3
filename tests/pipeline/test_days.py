"""Ten days of news through the whole pipeline; its answers beside what truly happened."""

import re
import shutil
import unicodedata
from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from ipaddress import ip_network
from pathlib import Path
from statistics import median
from typing import Any
from xml.sax.saxutils import quoteattr

import pytest
from lxml import etree
from sqlalchemy import Engine, text

from helpers import newsdays
from helpers.feedserver import FeedServer
from helpers.newsdays import Life, Outlet, batch_at, live, make_outlets, write_feed
from helpers.places import SHARED
from silkwire.config import Settings
from silkwire.pipeline import ingest
from silkwire.warehouse.queries import find_query, run_query

pytestmark = pytest.mark.slow
CORPUS_BATCH = 18


@dataclass(frozen=True)
class Days:
    outlets: list[Outlet]
    lives: dict[str, Life]
    engine: Engine

    @property
    def names(self) -> list[str]:
        """The dedicated outlets, of which every item is kept."""
        return [outlet.name for outlet in self.outlets if outlet.is_dedicated]

    def ask(self, sql: str, **parameters: object) -> list[tuple[Any, ...]]:
        """Rows of SQL; `:o` is the names."""
        with self.engine.connect() as conn:
            values = {"o": self.names, **parameters} if ":o" in sql else parameters
            return [tuple(row) for row in conn.execute(text(sql), values)]

    def query(self, name: str, **parameters: object) -> list[dict[str, Any]]:
        """Rows of a shipped query."""
        found = find_query(name)
        given = {key: str(value) for key, value in parameters.items()}
        if "until" in {parameter.name for parameter in found.parameters}:
            given.setdefault("until", batch_at(newsdays.BATCHES).isoformat())
        with self.engine.connect() as conn:
            result = run_query(conn, found, given)
        return [dict(zip(result.columns, row, strict=True)) for row in result.rows]

    def natural_news(self, topic: str) -> Counter[date]:
        """By day, the kept items of the other outlets that were no backlog."""
        published = {
            item.link: (outlet, item.published_at)
            for outlet in self.outlets
            if not outlet.is_dedicated
            for new in outlet.items
            for item in new
        }
        rows = self.ask(
            "SELECT article_url, first_seen_at, published_at, outlet FROM mart.articles"
            " WHERE :topic = ANY(topics)",
            topic=topic,
        )
        counts: Counter[date] = Counter()
        for link, seen_at, published_at, outlet in rows:
            if link in published:
                mine, at = published[link]
                counts[seen_at.date()] += at >= batch_at(mine.first_batch)
            elif outlet in SERIES:  # their dates are of years ago, missing, or of months ahead
                is_known_before = published_at is not None and published_at < batch_at(0)
                counts[seen_at.date()] += not is_known_before and seen_at > batch_at(0)
        return counts


@pytest.fixture(scope="module")
def days(
    shared_settings: Settings, shared_warehouse: Engine, tmp_path_factory: pytest.TempPathFactory
) -> Days:
    if not SHARED.is_dir():
        pytest.skip("../shared is not here")
    config = tmp_path_factory.mktemp("days") / "config"
    shutil.copytree(shared_settings.config_dir, config)
    settings = shared_settings.model_copy(
        update={
            "config_dir": config,
            "fetch_allow_private": (ip_network("127.0.0.0/8"),),
            "fetch_host_pause": 0.0,
            "fetch_host_concurrency": 50,
        }
    )
    outlets = make_outlets()
    with FeedServer() as server:
        for batch in range(newsdays.BATCHES):
            server.documents = serve(outlets, batch)
            list_feeds(config / "feeds.opml", server, outlets, batch)
            report = ingest(settings, ignore_due=True, now=lambda batch=batch: batch_at(batch))
            assert report.verdict == "published", report
    return Days(outlets, live(outlets), shared_warehouse)


def serve(outlets: list[Outlet], batch: int) -> dict[str, bytes]:
    documents = {outlet.path: write_feed(outlet, batch) for outlet in outlets}
    documents |= {
        f"{outlet.path}-top": write_feed(outlet, batch, second=True)
        for outlet in outlets
        if outlet.has_second_feed
    }
    snapshots = [sorted((SHARED / "series" / name).glob("*.xml")) for name in SERIES]
    documents |= {
        name: files[len(files) * batch // newsdays.BATCHES].read_bytes()
        for name, files in zip(SERIES, snapshots, strict=True)
    }
    if batch >= CORPUS_BATCH:
        documents |= {
            f"corpus/{file.name}": file.read_bytes()
            for file in (SHARED / "corpus" / "feeds").iterdir()
        }
    return documents | odd_documents()


SERIES = ("bbc", "straitstimes", "aljazeera-youtube", "cctv-cn")


def odd_documents() -> dict[str, bytes]:
    unnamed = "".join(
        f"<item><title>Recipe {n}</title><description>Soup number {n}.</description></item>"
        for n in range(1046)
    )
    return {
        "odd/unnamed": f"<rss version='2.0'><channel>{unnamed}</channel></rss>".encode(),
        "odd/page": b"<!doctype html><html><body>Please accept our cookies</body></html>",
        "odd/empty": b"",
    }


def list_feeds(file: Path, server: FeedServer, outlets: list[Outlet], batch: int) -> None:
    named = {outlet.path: outlet for outlet in outlets}
    outlines = []
    for path in (*server.documents, "odd/gone"):
        outlet = named.get(path.removesuffix("-top"))
        attributes = ""
        if outlet is not None:
            if batch < outlet.first_batch:
                continue
            attributes = f"outlet={quoteattr(outlet.name)}"
        if path in SERIES:
            attributes = f"outlet='{path}'"
        if path in SERIES or (outlet is not None and outlet.is_dedicated):
            attributes += " topics='ai'"
        outlines.append(f"<outline xmlUrl={quoteattr(server.url(path))} {attributes}/>")
    file.write_text(f"<opml version='2.0'><body>{''.join(outlines)}</body></opml>", "utf-8")


def squeeze(title: str) -> str:
    """As the parser stores a text: NFC, white space folded."""
    return " ".join(unicodedata.normalize("NFC", title).split())


def count_series_edits(name: str) -> int:
    """How often an article's title or description changed between the snapshots served."""
    files = sorted((SHARED / "series" / name).glob("*.xml"))
    served = [files[len(files) * batch // newsdays.BATCHES] for batch in range(newsdays.BATCHES)]
    last: dict[str, tuple[str, str]] = {}
    edits = 0
    for file in served:
        try:
            items = list(etree.fromstring(file.read_bytes()).iter("item"))
        except etree.XMLSyntaxError:
            continue
        for item in items:
            link = re.sub(r"[?&]at_(medium|campaign)=\w+", "", item.findtext("link", "").strip())
            shown = (squeeze(item.findtext("title", "")), squeeze(item.findtext("description", "")))
            edits += link in last and last[link] != shown
            last[link] = shown
    return edits


def test_every_item_of_a_dedicated_outlet_is_one_article_with_its_last_title(days: Days) -> None:
    rows = days.ask("SELECT article_url, outlet, title FROM mart.articles WHERE outlet = ANY(:o)")
    assert sorted(rows) == sorted(
        (link, life.item.outlet, squeeze(life.title)) for link, life in days.lives.items()
    )


def test_first_seen_is_the_batch_that_first_showed_it(days: Days) -> None:
    rows = days.ask("SELECT article_url, first_seen_at FROM mart.articles WHERE outlet = ANY(:o)")
    assert dict(rows) == {link: batch_at(life.first_batch) for link, life in days.lives.items()}


def test_edits_are_counted_once_however_many_feeds_show_them(days: Days) -> None:
    rows = days.ask(
        "SELECT article_url, edit_count FROM mart.articles"
        " WHERE outlet = ANY(:o) AND edit_count > 0"
    )
    assert dict(rows) == {
        link: len(life.changed_in) for link, life in days.lives.items() if life.changed_in
    }


def test_each_edit_stands_once_with_the_titles_before_and_after(days: Days) -> None:
    rows = days.ask(
        "SELECT article_url, edited_at, title_before, title_after FROM mart.article_edits"
        " WHERE outlet = ANY(:o)"
    )
    assert sorted(rows) == sorted(
        (link, batch_at(batch), squeeze(before), squeeze(after))
        for link, life in days.lives.items()
        for batch, before, after in zip(
            life.changed_in, life.titles[:-1], life.titles[1:], strict=True
        )
    )


def test_headlines_that_went_back_are_found(days: Days) -> None:
    found = days.query("reverted_headlines", days=28)
    assert sorted(
        (row["article_url"], row["title"]) for row in found if row["outlet"] in days.names
    ) == sorted(
        (link, squeeze(life.titles[2]))
        for link, life in days.lives.items()
        if len(life.titles) == 3 and life.titles[0] == life.titles[2]
    )


def test_the_most_edited_articles_were_edited_twice(days: Days) -> None:
    found = days.query("most_edited", days=28, limit=1000)
    assert Counter(row["edit_count"] for row in found if row["outlet"] in days.names) == Counter(
        len(life.changed_in) for life in days.lives.values() if life.changed_in
    )


def test_edited_headlines_of_two_days_are_the_edits_of_their_batches(days: Days) -> None:
    until = batch_at(12)
    found = days.query("edited_headlines", days=2, until=until.isoformat(), limit=1000)
    assert sorted(row["article_url"] for row in found if row["outlet"] in days.names) == sorted(
        link
        for link, life in days.lives.items()
        for batch in life.changed_in
        if until - timedelta(days=2) < batch_at(batch) <= until
    )


def test_a_days_articles_of_an_outlet_are_what_it_published_since_it_is_listed(days: Days) -> None:
    rows = days.ask(
        "SELECT day, outlet, article_count FROM mart.outlet_daily WHERE outlet = ANY(:o)"
    )
    assert {(day, outlet): count for day, outlet, count in rows if count} == Counter(
        (batch_at(life.first_batch).date(), life.item.outlet)
        for life in days.lives.values()
        if not life.is_backlog
    )


def test_the_trend_counts_news_and_no_backlog(days: Days) -> None:
    found = days.query("topic_trend", days=8, until=batch_at(17).isoformat())
    natural = days.natural_news("ai")
    dedicated = Counter(
        batch_at(life.first_batch).date() for life in days.lives.values() if not life.is_backlog
    )
    counted = {row["day"]: row["article_count"] for row in found if row["topic"] == "ai"}
    assert counted == {day: dedicated[day] + natural[day] for day in counted}
    assert len(counted) == 8


def test_the_mean_of_the_week_before_does_not_depend_on_the_days_asked_for(days: Days) -> None:
    until = batch_at(17).isoformat()
    long = days.query("topic_trend", days=28, until=until)
    for row in days.query("topic_trend", days=2, until=until):
        assert row in long


def test_lags_are_of_news_alone(days: Days) -> None:
    found = {row["outlet"]: row for row in days.query("outlet_lag", days=28, least=1)}
    for name in days.names:
        lags = sorted(
            (batch_at(life.first_batch) - life.item.published_at).total_seconds() / 60
            for life in days.lives.values()
            if life.item.outlet == name and not life.is_backlog
        )
        assert float(found[name]["median_minutes"]) == pytest.approx(median(lags), abs=0.06)
        assert float(found[name]["worst_minutes"]) == pytest.approx(lags[-1], abs=0.06)


def test_the_norm_of_an_outlet_is_made_of_its_news(days: Days) -> None:
    last = batch_at(17).date()
    found = days.query("volume_against_norm", topic="ai", days=1, until=batch_at(17).isoformat())
    by_outlet = {row["outlet"]: row for row in found}
    for outlet in days.outlets:
        if outlet.is_dedicated and outlet.first_batch == 0 and outlet.name in by_outlet:
            a_day = Counter(
                batch_at(life.first_batch).date()
                for life in days.lives.values()
                if life.item.outlet == outlet.name and not life.is_backlog
            )
            assert by_outlet[outlet.name]["article_count"] == a_day[last]
            before = sum(count for day, count in a_day.items() if day < last)
            since = (last - min(a_day)).days
            assert float(by_outlet[outlet.name]["norm"]) == pytest.approx(before / since, abs=0.01)


def test_most_copies_are_linked_and_the_origin_was_published_first(days: Days) -> None:
    rows = dict(
        days.ask("SELECT article_url, origin_url FROM mart.articles WHERE outlet = ANY(:o)")
    )
    pairs = [life.item for life in days.lives.values() if life.item.copy_of in days.lives]
    linked = [item for item in pairs if rows[item.link] == rows[item.copy_of]]
    assert len(linked) >= 0.8 * len(pairs)
    assert [item.link for item in linked if rows[item.link] != item.copy_of] == []


def test_no_text_is_taken_for_a_copy_of_another(days: Days) -> None:
    """One of these outlets relays the other's articles, as can be read in the texts."""
    relay = {"CNET", "www.msn.com"}
    rows = days.ask(
        "SELECT article_url, origin_url, outlet FROM mart.articles"
        " WHERE outlet = ANY(:o) AND NOT is_origin"
    )
    injected = {(life.item.link, life.item.copy_of) for life in days.lives.values()}
    others = [row for row in rows if row[:2] not in injected and row[2] not in relay]
    assert len(others) <= 4, others


def test_who_broke_it_names_the_outlet_that_published_first(days: Days) -> None:
    asked = 0
    for life in days.lives.values():
        if life.item.copy_of not in days.lives or life.titles[1:]:
            continue
        origin = days.lives[life.item.copy_of]
        found = days.query("who_broke_it", words=f"{life.title}", days=28)
        outlets = [row["outlet"] for row in found]
        if len(found) == 2:
            assert outlets == [origin.item.outlet, life.item.outlet]
            asked += 1
    assert asked > 20


def test_the_past_is_as_it_was_shown_then(days: Days) -> None:
    then = 10
    rows = days.ask(
        "SELECT article_url, title FROM mart.articles_as_of(:at) WHERE outlet = ANY(:o)",
        at=batch_at(then) + timedelta(hours=1),
    )
    assert dict(rows) == {
        link: squeeze(life.titles[sum(batch <= then for batch in life.changed_in)])
        for link, life in days.lives.items()
        if life.first_batch <= then
    }


def test_what_was_learned_in_a_batch_is_its_new_articles_and_its_edits(days: Days) -> None:
    then = 12
    found = days.query(
        "learned_since",
        hours=12,
        until=(batch_at(then) + timedelta(hours=1)).isoformat(),
        limit=5000,
    )
    learned = Counter(
        (row["what"], row["article_url"]) for row in found if row["outlet"] in days.names
    )
    assert learned == Counter(
        ("new" if life.first_batch == then else "edited", link)
        for link, life in days.lives.items()
        if life.first_batch == then or then in life.changed_in
    )


def test_articles_of_two_feeds_are_known_to_be_in_both(days: Days) -> None:
    rows = days.ask(
        "SELECT article_url FROM mart.articles WHERE outlet = ANY(:o) AND feed_count = 2"
    )
    assert {link for (link,) in rows} == {
        link for link, life in days.lives.items() if life.is_in_second
    }


def test_outlet_profiles_count_what_each_outlet_published(days: Days) -> None:
    found = {row["outlet"]: row for row in days.query("outlet_profiles", days=28)}
    for name in days.names:
        lives = [life for life in days.lives.values() if life.item.outlet == name]
        assert found[name]["article_count"] == sum(not life.is_backlog for life in lives)
        edited = sum(bool(life.changed_in) for life in lives) / len(lives)
        assert float(found[name]["edited_share"]) == pytest.approx(edited, abs=0.001)
        assert found[name]["undated_share"] == 0


def test_late_arrivals_are_articles_seen_hours_after_publication(days: Days) -> None:
    found = days.query("late_arrivals", hours=6, days=3, until=batch_at(17).isoformat(), limit=5000)
    since = batch_at(17) - timedelta(days=3)
    assert {row["article_url"] for row in found if row["outlet"] in days.names} == {
        link
        for link, life in days.lives.items()
        if since < batch_at(life.first_batch) <= batch_at(17)
        and batch_at(life.first_batch) - life.item.published_at >= timedelta(hours=6)
    }


def test_the_five_counts_add_up_to_what_was_served(days: Days) -> None:
    rows = days.ask(
        "SELECT fetched_count, difference_count, verdict FROM mart.batch_reconciliation"
        " ORDER BY started_at"
    )
    assert [(difference, verdict) for _, difference, verdict in rows] == [
        (0, "published")
    ] * newsdays.BATCHES


def test_each_feed_brought_each_day_what_it_showed(days: Days) -> None:
    rows = days.ask(
        "SELECT day, sum(accepted_count) FROM mart.feed_daily"
        " WHERE feed_url LIKE '%/o00' GROUP BY day"
    )
    first = days.outlets[0]
    expected: Counter[date] = Counter()
    for life in days.lives.values():
        if life.item.outlet == first.name:
            expected[batch_at(life.first_batch).date()] += 1
            for batch in life.changed_in:
                expected[batch_at(batch).date()] += 1
    assert {day: count for day, count in rows if count} == expected


def test_nothing_of_the_outlets_waits_for_a_person(days: Days) -> None:
    assert days.ask(
        "SELECT count(*) FROM mart.quarantine_open"
        " WHERE feed_url NOT LIKE '%/corpus/%' AND feed_url NOT LIKE '%/odd/%'"
    ) == [(0,)]


def test_entries_without_url_and_guid_are_in_quarantine_once_however_often_they_are_read(
    days: Days,
) -> None:
    rows = days.ask("SELECT count(*) FROM mart.quarantine_open WHERE feed_url LIKE '%/odd/unnamed'")
    assert rows == [(1046,)]


def test_feeds_that_are_none_are_failing_and_cost_the_others_nothing(days: Days) -> None:
    rows = days.ask(
        "SELECT regexp_replace(feed_url, '.*/', ''), state FROM mart.feed_health"
        " WHERE feed_url LIKE '%/odd/%' ORDER BY 1"
    )
    assert rows == [
        ("empty", "failing"),
        ("gone", "failing"),
        ("page", "failing"),
        ("unnamed", "healthy"),
    ]


def test_edits_of_real_snapshots_are_those_of_their_bytes(days: Days) -> None:
    rows = dict(
        days.ask(
            "SELECT outlet, sum(edit_count)::int FROM mart.articles"
            " WHERE outlet IN ('bbc', 'straitstimes') GROUP BY outlet"
        )
    )
    assert rows == {name: count_series_edits(name) for name in ("bbc", "straitstimes")}


def test_real_snapshots_of_the_past_are_no_news_of_today(days: Days) -> None:
    rows = days.ask("SELECT sum(article_count) FROM mart.outlet_daily WHERE outlet = 'bbc'")
    assert rows in ([(None,)], [(0,)])
