"""The Newsroom's pages, on rows that came through the pipeline."""

import html
import re
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from pathlib import Path
from urllib.parse import quote

import pytest
from fastapi import FastAPI, HTTPException
from fastapi.testclient import TestClient
from sqlalchemy import Engine, text

from helpers.feedserver import FeedServer
from silkwire.config import Settings
from silkwire.newsroom import create_newsroom
from silkwire.pipeline import ingest

MORNING = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
ATTACK = "<img src=x onerror=alert(1)> AI talks \" onmouseover='x'"
HEBREW = "בינה מלאכותית AI בסין"
CHINESE = "中国收紧人工智能科学家出境旅行"


def write_feed(*items: tuple[str, str, str]) -> bytes:
    """RSS of (slug or link, title, summary), the first on top."""
    entries = "".join(
        f"<item><title>{html.escape(title)}</title><description>{html.escape(summary)}</description>"
        f"<link>{html.escape(slug if ':' in slug else f'https://news.example/{slug}')}</link></item>"
        for slug, title, summary in items
    )
    return f"<rss version='2.0'><channel><title>N</title>{entries}</channel></rss>".encode()


SCIENTISTS = "China tells its AI scientists to avoid travel to the U.S."
EDITED = "China tells its AI scientists and founders to avoid travel to the U.S."
REST = (
    ("attack", html.escape(ATTACK), "</p><script>alert(2)</script> about AI"),
    ("hebrew", HEBREW, ""),
    ("chinese", CHINESE, "新规要求科学家出境旅行前报备。"),
    ("model", "OpenAI has a new AI model", "word " * 100),
)


class Site:
    """The Newsroom under `/newsroom`, as Airflow mounts it, with two batches of one feed behind."""

    def __init__(self, settings: Settings, folder: Path, **options):
        self.settings = settings.model_copy(
            update={"fetch_allow_private": (ip_network("127.0.0.0/8"),), "fetch_host_pause": 0.0}
        )
        self.folder = folder
        app = FastAPI()
        newsroom = create_newsroom(
            lambda: settings, now=lambda: MORNING + timedelta(hours=1), **options
        )
        app.mount("/newsroom", newsroom)
        self.client = TestClient(app, follow_redirects=False)

    def load(self) -> None:
        with FeedServer(
            {"feed": write_feed(("scientists", SCIENTISTS, "One paper."), *REST)}
        ) as feeds:
            opml = feeds.write_opml(self.folder / "f.opml", "outlet='The Paper'")
            self.ingest(opml, MORNING)
            feeds.documents["feed"] = write_feed(("scientists", EDITED, "One paper."), *REST)
            self.ingest(opml, MORNING + timedelta(minutes=30))

    def ingest(self, opml: Path, at: datetime) -> None:
        ingest(self.settings, feeds_opml=opml, ignore_due=True, now=lambda: at)

    def read(self, path: str = "/", status: int = 200, **headers: str) -> str:
        answer = self.client.get(f"/newsroom{path}", headers=headers)
        assert answer.status_code == status, answer.text
        return answer.text


@pytest.fixture
def site(warehouse_settings: Settings, warehouse: Engine, tmp_path: Path) -> Site:
    return Site(warehouse_settings, tmp_path)


@pytest.fixture(scope="module")
def loaded(shared_settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Site:
    """One for all tests that only read."""
    site = Site(shared_settings, tmp_path_factory.mktemp("feeds"))
    site.load()
    return site


def find_key(engine: Engine, slug: str) -> int:
    query = text("SELECT article_key FROM mart.articles WHERE article_url LIKE '%/' || :slug")
    with engine.begin() as conn:
        return conn.execute(query, {"slug": slug}).scalar_one()


def titles(page: str) -> list[str]:
    found = re.findall(r'<a class="open"[^>]*>(.*?)</a>', page, re.DOTALL)
    return [html.unescape(re.sub(r"<[^>]+>", "", title)) for title in found]


def test_today_lists_what_is_on_topic_with_the_words_that_made_it_so(loaded: Site) -> None:
    page = loaded.read()
    assert set(titles(page)) == {EDITED, ATTACK, HEBREW, CHINESE, "OpenAI has a new AI model"}
    assert '<mark class="t-ai "' in page
    assert ">AI scientists</mark>" in page or ">AI</mark>" in page
    assert "word word word…" in page
    assert "edited once" in page
    assert "Last article <b>60 min ago</b>" in page


def test_nothing_that_a_publisher_wrote_is_markup(loaded: Site, shared_warehouse: Engine) -> None:
    for path in ("/", f"/articles/{find_key(shared_warehouse, 'attack')}"):
        page = loaded.read(path)
        assert "&lt;img src=x onerror=alert(1)&gt;" in page
        assert not re.search(r"<(img|script)[^>]*(onerror|>alert)", page)
        assert "<script>alert" not in page


def test_headlines_are_read_in_their_own_direction(loaded: Site) -> None:
    page = loaded.read()
    assert re.search(r'<h3 dir="rtl"[^>]*><a class="open"[^>]*>בינה', page)
    assert re.search(r'<h3 dir="ltr"[^>]*><a class="open"[^>]*>(<mark[^>]*>)?中国', page)


def test_filters_narrow_the_list_and_stand_in_its_address(loaded: Site) -> None:
    assert CHINESE in titles(loaded.read("/?topic=china_travel"))
    assert HEBREW not in titles(loaded.read("/?topic=china_travel"))
    assert titles(loaded.read("/?language=zh")) == [CHINESE]
    assert len(titles(loaded.read("/?day=2026-11-23&outlet=The+Paper"))) == 5
    assert "Nothing fits" in loaded.read("/?day=2026-11-22")
    assert "Nothing fits" in loaded.read("/?topic=nope&scope=nope&outlet=%27%3B--")


def test_a_filter_that_cannot_be_read_is_explained(loaded: Site) -> None:
    assert "such as 2026-11-23" in loaded.read("/?day=yesterday", 400)
    assert "such as 2026-11-23" not in loaded.read("/?outlet=%00", 400)


def test_pages_follow_one_another_without_a_gap(loaded: Site, monkeypatch) -> None:
    monkeypatch.setattr("silkwire.newsroom.today.read_today.__kwdefaults__", {"size": 2})
    seen, path = [], "/"
    while path:
        page = loaded.read(path, **{"HX-Request": "true"} if seen else {})
        assert ("<html" in page) is not bool(seen)
        seen += titles(page)
        found = re.search(r'hx-get="/newsroom([^"]+)"', page)
        path = html.unescape(found[1]) if found else ""
    assert len(seen) == len(set(seen)) == 5


def test_an_article_shows_its_edits_its_reasons_and_where_it_came_from(
    loaded: Site, shared_warehouse: Engine
) -> None:
    page = loaded.read(f"/articles/{find_key(shared_warehouse, 'scientists')}")
    assert "<ins>and founders </ins>" in page
    assert "2026-11-23 08:30 UTC" in page
    assert page.count("as received") == 2
    assert "The Paper" in page
    assert (
        'href="https://news.example/scientists" target="_blank" rel="noopener noreferrer"' in page
    )


def test_an_edit_that_several_feeds_show_is_one_with_its_feeds_a_click_away(
    site: Site, warehouse: Engine
) -> None:
    opml = site.folder / "f.opml"
    with FeedServer({}) as feeds:
        outlines = "".join(
            f"<outline type='rss' text='N' outlet='Post' xmlUrl='{feeds.url(name)}'/>"
            for name in ("one", "two", "three")
        )
        opml.write_text(f"<opml version='2.0'><body>{outlines}</body></opml>", "utf-8")
        for hour, title in enumerate((SCIENTISTS, EDITED)):
            feeds.documents = {
                name: write_feed(("story", title, "")) for name in ("one", "two", "three")
            }
            site.ingest(opml, MORNING + timedelta(hours=hour))
    assert "edited once" in site.read()
    page = site.read(f"/articles/{find_key(warehouse, 'story')}")
    assert "Edits <b>1</b>" in page
    assert "Shown again 2 times by other feeds" in page
    assert page.count("<ins>and founders </ins>") == 1


def test_the_articles_of_one_batch_are_a_page(loaded: Site, shared_warehouse: Engine) -> None:
    with shared_warehouse.begin() as conn:
        query = text("SELECT batch_id FROM ops.batch ORDER BY started_at")
        first, second = conn.execute(query).scalars()
    assert len(titles(loaded.read(f"/?batch={first}"))) == 5
    assert titles(loaded.read(f"/?batch={second}")) == [EDITED]
    assert "Nothing new" in loaded.read("/?batch=never")


def test_a_page_names_who_else_has_a_text_and_can_show_it_once(
    site: Site, warehouse: Engine
) -> None:
    lead = "Leading scientists were told to avoid the United States, a newspaper said. " * 3
    documents = {name: write_feed((f"{name}/1", SCIENTISTS, lead)) for name in ("wire", "paper")}
    with FeedServer(documents) as feeds:
        for minute, name in enumerate(documents):
            opml = site.folder / "f.opml"
            outline = f"<outline type='rss' text='N' outlet='{name}' xmlUrl='{feeds.url(name)}'/>"
            opml.write_text(f"<opml version='2.0'><body>{outline}</body></opml>", "utf-8")
            site.ingest(opml, MORNING + timedelta(minutes=30 * minute))
    page = site.read()
    assert titles(page) == [SCIENTISTS, SCIENTISTS]
    assert re.findall(r">(also in|seen before, in) <bdi>(\w+)<", page) == [
        ("seen before, in", "wire"),
        ("also in", "paper"),
    ]
    assert titles(site.read("/?copies=once")) == [SCIENTISTS]
    article = site.read(f"/articles/{find_key(warehouse, 'paper/1')}")
    assert "Who else has this text" in article
    assert "same lead, 100%" in article
    assert "+30 min" in article
    assert f'href="/newsroom/articles/{find_key(warehouse, "wire/1")}"' in article


def test_what_was_received_is_shown_as_plain_text(loaded: Site, shared_warehouse: Engine) -> None:
    page = loaded.read(f"/articles/{find_key(shared_warehouse, 'attack')}")
    (path,) = re.findall(r'href="/newsroom(/revisions/\d+/raw)"', page)
    answer = loaded.client.get(f"/newsroom{path}")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.text.startswith("<rss version='2.0'>")
    assert html.escape(html.escape(ATTACK)) in answer.text
    assert "no answer for this revision" in loaded.read("/revisions/999999/raw", 404)


@pytest.mark.parametrize("key", ["999999", "x", "-1", "٣", "9" * 30, "9" * 4_301, "1%27--"])
def test_an_article_that_is_not_there_is_not_found(loaded: Site, key: str) -> None:
    assert "no such article" in loaded.read(f"/articles/{quote(key, safe='%')}", 404)


def test_a_link_that_is_no_web_address_is_no_link(site: Site, warehouse: Engine) -> None:
    with FeedServer({"f": write_feed(("javascript:alert(1)//x", "AI in China", "AI"))}) as feeds:
        opml = feeds.write_opml(site.folder / "g.opml", "topics='ai'")
        site.ingest(opml, MORNING)
    page = site.read()
    assert titles(page) in ([], ["AI in China"])
    assert 'href="javascript' not in page


def test_pages_may_run_nothing_but_our_own_files(site: Site) -> None:
    answer = site.client.get("/newsroom/")
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'self'" in policy
    assert not re.search(r"<script>|<style|style=|\son[a-z]+=|https?://", answer.text)


def test_an_empty_warehouse_says_what_to_wait_for(site: Site) -> None:
    page = site.read()
    assert "Nothing yet" in page
    assert "Last article <b>never</b>" in page


def test_a_warehouse_that_does_not_answer_is_a_page_too(
    warehouse_settings: Settings, tmp_path: Path, monkeypatch
) -> None:
    monkeypatch.setenv("SILKWIRE_WAREHOUSE_URL", "postgresql://a@127.0.0.1:9/b")
    from silkwire.config import read_settings

    site = Site(read_settings(), tmp_path)
    assert "The warehouse does not answer" in site.read("/", 503)


def test_whoever_is_not_let_in_sees_nothing_and_a_browser_is_sent_to_sign_in(
    warehouse_settings: Settings, tmp_path: Path
) -> None:
    def refuse() -> None:
        raise HTTPException(401, "Not authenticated")

    site = Site(
        warehouse_settings, tmp_path, dependencies=[refuse], sign_in_path="/api/v2/auth/login"
    )
    for path in ("/", "/articles/1", "/revisions/1/raw"):
        assert "Not authenticated" in site.read(path, 401)
        answer = site.client.get(f"/newsroom{path}?day=1", headers={"accept": "text/html"})
        assert answer.status_code == 302
        target = quote(f"/newsroom{path}?day=1", safe="")
        assert answer.headers["location"] == f"/api/v2/auth/login?next={target}"


def test_a_forged_host_stands_nowhere_in_the_way_to_sign_in(
    warehouse_settings: Settings, tmp_path: Path
) -> None:
    def refuse() -> None:
        raise HTTPException(401, "Not authenticated")

    site = Site(warehouse_settings, tmp_path, dependencies=[refuse], sign_in_path="/login")
    forged = {"accept": "text/html", "host": "evil.example", "x-forwarded-host": "evil.example"}
    answer = site.client.get("/newsroom/", headers=forged)
    assert answer.headers["location"] == "/login?next=%2Fnewsroom%2F"


def test_a_page_that_fails_keeps_the_headers_that_protect_it(
    warehouse_settings: Settings, tmp_path: Path
) -> None:
    def fail() -> None:
        raise RuntimeError("a fault of ours")

    answer = Site(warehouse_settings, tmp_path, dependencies=[fail]).client.get("/newsroom/")
    assert answer.status_code == 500
    assert "failed unexpectedly" in answer.text
    assert "a fault of ours" not in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_nothing_can_be_written(site: Site) -> None:
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        assert site.client.request(method, "/newsroom/").status_code == 405
