"""`silkwire feeds` as typed: a real list, a real warehouse, a publisher on loopback."""

import json
import os
import time
from pathlib import Path
from shutil import copytree

import pytest
from rich.cells import cell_len
from sqlalchemy import Engine, text
from typer.testing import CliRunner, Result

from helpers.feedserver import FeedServer
from helpers.publisher import Publisher, answer
from silkwire.cli.app import app
from silkwire.errors import SilkwireError
from silkwire.resources import CONFIG_DIR

RSS = b"""<?xml version="1.0"?><rss version="2.0"><channel><title>Harbour Post</title>
<language>en</language><ttl>60</ttl><item><title>Ferry resumes</title>
<link>http://a.example/1</link><pubDate>Sun, 01 Mar 2026 12:00:00 GMT</pubDate></item>
</channel></rss>"""
PAGE = b"""<!doctype html><html><head><title>Post</title>
<link rel="alternate" type="application/rss+xml" href="/hidden/rss"></head><body></body></html>"""
DOCUMENTS = {"rss": RSS, "page": PAGE, "hidden/rss": RSS, "bare": b"<html><body>hi</body></html>"}


@pytest.fixture
def config_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "config"
    folder.mkdir()
    copytree(CONFIG_DIR / "topics", folder / "topics")
    monkeypatch.setenv("SILKWIRE_CONFIG_DIR", str(folder))
    monkeypatch.setenv("SILKWIRE_FETCH_ALLOW_PRIVATE", "127.0.0.0/8")
    monkeypatch.setenv("SILKWIRE_FETCH_HOST_PAUSE", "0")
    return folder


@pytest.fixture
def opml(config_dir: Path) -> Path:
    path = config_dir / "feeds.opml"
    path.write_text(
        '<opml version="2.0"><body>\n'
        '  <outline text="A" xmlUrl="https://a.example/rss" outlet="Post"/>\n'
        '  <outline text="B" xmlUrl="https://u:secret@b.example/rss"/>\n'
        "</body></opml>\n"
    )
    return path


@pytest.fixture
def server():
    with FeedServer(DOCUMENTS) as feeds:
        yield feeds


def run(*args: str, code: int = 0) -> Result:
    result = CliRunner().invoke(app, ["feeds", *args])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == code, result.output
    return result


def run_json(*args: str, code: int = 0):
    return json.loads(run(*args, "--json", code=code).stdout)


# --- the list's file


def test_add_without_check_lists_a_feed(config_dir: Path) -> None:
    found = run_json(
        *("add", "https://u:p@n.example/rss", "--no-check", "--title", "N", "--folder", "AI"),
        *("--outlet", "O", "--language", "zh", "--poll", "10m", "--tag", "x", "--topic", "ai"),
    )
    assert found == {
        "feed_url": "https://n.example/rss",
        "title": "N",
        "is_added": True,
        "file": str(config_dir / "feeds.opml"),
    }
    assert (
        '    <outline text="AI">\n      <outline text="N" xmlUrl="https://u:p@n.example/rss"'
        ' outlet="O" language="zh" poll="10m" category="x" topics="ai"/>\n    </outline>\n'
    ) in (config_dir / "feeds.opml").read_text()


def test_add_takes_title_and_language_from_the_feed(opml: Path, server: FeedServer) -> None:
    run("add", server.url("rss"))
    outline = f'<outline text="Harbour Post" xmlUrl="{server.url("rss")}" language="en"/>'
    assert outline in opml.read_text()


def test_add_finds_the_feed_that_a_page_names(opml: Path, server: FeedServer) -> None:
    found = run_json("add", server.url("page"))
    assert found["feed_url"] == server.url("hidden/rss")
    assert f'htmlUrl="{server.url("page")}"' in opml.read_text()


def test_add_finds_the_feed_of_a_page_that_names_none(opml: Path, server: FeedServer) -> None:
    assert run_json("add", server.url("bare"))["feed_url"] == server.url("rss")


def test_add_says_when_there_is_no_feed(opml: Path) -> None:
    before = opml.read_text()
    with (
        FeedServer({"bare": DOCUMENTS["bare"]}) as server,
        pytest.raises(SilkwireError, match="is not a feed, and no feed of this page was found"),
    ):
        run("add", server.url("bare"))
    assert opml.read_text() == before


def test_add_does_not_guess_when_the_url_itself_fails(opml: Path, server: FeedServer) -> None:
    with pytest.raises(SilkwireError, match="404"):
        run("add", server.url("typo"))
    assert opml.read_text().count("xmlUrl") == 2


def test_adding_twice_adds_once(opml: Path) -> None:
    found = run_json("add", "HTTPS://A.example/rss", "--no-check")
    assert found["is_added"] is False
    assert opml.read_text().count("xmlUrl") == 2


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["ftp://a.example/"], "must begin with http"),
        (["https://c.example/", "--poll", "soon"], "poll must look like"),
        (["https://c.example/", "--topic", "sport"], 'the topic "sport" is unknown'),
        (["https://c.example/", "--language", "English"], 'the language "English"'),
    ],
)
def test_add_refuses_what_the_list_would_refuse(opml: Path, args, message) -> None:
    with pytest.raises(SilkwireError, match=message) as caught:
        run("add", "--no-check", *args)
    assert caught.value.exit_code == 2


def test_remove_takes_a_feed_off_the_list_and_names_what_is_not_there(opml: Path) -> None:
    with pytest.raises(SilkwireError, match=r"not in the list: https://x\.example/"):
        run("remove", "https://b.example/rss", "https://x.example/")
    assert "b.example" not in opml.read_text()


def test_what_cannot_be_read_says_why(opml: Path, tmp_path: Path) -> None:
    with pytest.raises(SilkwireError, match=r"none\.opml: .*No such file or directory"):
        run("import", str(tmp_path / "none.opml"))
    with pytest.raises(SilkwireError, match="Is a directory"):
        run("import", str(tmp_path))


def test_remove_pause_and_resume_answer_in_json_too(opml: Path, warehouse: Engine) -> None:
    url = "https://a.example/rss"
    assert run_json("pause", url) == {"paused": 1}
    assert run_json("resume", url) == {"resumed": 1}
    assert run_json("resume", url) == {"resumed": 0}
    assert run_json("remove", url) == {"removed": 1, "missing": [], "file": str(opml)}
    with pytest.raises(SilkwireError, match="not in the list"):
        run_json("remove", url, "https://b.example/rss")


def test_import_adds_what_is_new_with_its_folders(opml: Path, tmp_path: Path) -> None:
    foreign = tmp_path / "foreign.opml"
    foreign.write_text(
        "<opml><body><outline text='News'><outline text='C' xmlUrl='http://c.example/'/>"
        "<outline xmlUrl='https://a.example/rss'/><outline xmlUrl='ftp://d.example/'/></outline>"
        "</body></opml>"
    )
    expected = {
        "added": 1,
        "already_listed": 1,
        "skipped": [{"line": 1, "reason": "the url must begin with http:// or https://"}],
        "file": str(opml),
    }
    before = opml.read_text()
    assert run_json("import", str(foreign), "--dry-run") == expected
    assert opml.read_text() == before
    assert run_json("import", str(foreign), "--folder", "Mine") == expected
    assert run_json("import", str(foreign))["added"] == 0
    assert '  <outline text="Mine">\n    <outline text="News">\n      <outline text="C"' in (
        opml.read_text()
    )


def test_twenty_thousand_feeds_are_imported_within_20_seconds(
    config_dir: Path, tmp_path: Path
) -> None:
    outlines = "".join(
        f"<outline text='Feed {n}' xmlUrl='https://h{n % 7000}.example/{n}.xml'/>"
        for n in range(20_000)
    )
    foreign = tmp_path / "foreign.opml"
    foreign.write_text(f"<opml><body><outline text='All'>{outlines}</outline></body></opml>")
    began = time.process_time()  # the machine may have others to serve
    assert run_json("import", str(foreign))["added"] == 20_000
    assert time.process_time() - began < 20  # 2.9 s, all of the command
    assert (config_dir / "feeds.opml").read_text().count("xmlUrl") == 20_000


def test_export_leaves_credentials_out_unless_told(opml: Path, tmp_path: Path) -> None:
    out = run("export").stdout
    assert "secret" not in out
    assert 'xmlUrl="https://b.example/rss" type="rss"' in out
    run("export", str(tmp_path / "out.opml"), "--with-credentials")
    assert "u:secret@b.example" in (tmp_path / "out.opml").read_text()


def test_export_with_credentials_is_its_owners_alone_whatever_the_umask(
    opml: Path, tmp_path: Path
) -> None:
    file = tmp_path / "out.opml"
    file.touch(0o666)
    before = os.umask(0)
    try:
        run("export", str(file), "--with-credentials")
    finally:
        os.umask(before)
    assert file.stat().st_mode & 0o777 == 0o600


# --- one fetch, explained


def test_check_explains_a_feed(config_dir: Path, server: FeedServer) -> None:
    out = run("check", server.url("rss")).stdout
    assert "200 in" in out
    assert "Harbour Post: rss20" in out
    assert "entries    1, newest 2026-03-01 12:00 UTC" in out
    assert "ttl 1 h" in out
    assert "a feed that silkwire reads" in out


def test_check_offers_the_feed_of_a_page_and_exits_1(config_dir: Path, server: FeedServer) -> None:
    found = run_json("check", server.url("page"), code=1)
    assert found["is_feed"] is False
    assert found["error_class"] == "html"
    assert found["suggested_feed_url"] == server.url("hidden/rss")
    assert server.url("hidden/rss") in run("check", server.url("page"), code=1).stdout


def test_check_of_a_dead_host_is_a_finding(config_dir: Path) -> None:
    found = run_json("check", "http://127.0.0.1:9/rss", code=1)
    assert (found["error_class"], found["http_status"]) == ("connect", None)


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("http://127.0.0.1:9/rss", "no feed: 127.0.0.1 cannot be connected to"),
        ("http://10.0.0.1/rss", "no feed: 10.0.0.1 is at an address that is not public"),
    ],
)
def test_check_of_a_host_that_cannot_be_reached_says_just_that(
    config_dir: Path, url: str, sentence: str
) -> None:
    out = run("check", url, code=1).stdout
    assert sentence in out
    assert "robots" not in out


def test_check_does_not_reach_private_addresses(config_dir: Path, monkeypatch) -> None:
    monkeypatch.delenv("SILKWIRE_FETCH_ALLOW_PRIVATE")
    assert run_json("check", "http://127.0.0.1:9/", code=1)["error_class"] == "refused_address"


# --- robots.txt: for pages, not for feeds

CLOSED = b"User-agent: *\nDisallow: /"


def paths_asked(documents: dict[str, bytes], *args: str, code: int = 0) -> list[str]:
    with Publisher(pages={f"/{name}": answer(body) for name, body in documents.items()}) as site:
        run(*args, site.url("/page"), code=code)
        return site.paths()


def test_a_page_that_robots_txt_closes_is_not_read(opml: Path) -> None:
    with Publisher(pages={"/robots.txt": answer(CLOSED), "/page": answer(PAGE)}) as site:
        found = run_json("check", site.url("/page"), code=1)
        assert found["error_class"] == "refused_url"
        assert "asks programs not to read it" in found["error"]
        with pytest.raises(SilkwireError, match=r"robots\.txt asks programs not to read it"):
            run("add", site.url("/page"))
        assert set(site.paths()) == {"/robots.txt"}


def test_a_listed_feed_and_one_said_to_be_one_are_read_whatever_robots_txt_says(
    opml: Path,
) -> None:
    with Publisher(pages={"/robots.txt": answer(CLOSED), "/rss": answer(RSS)}) as site:
        run("add", site.url("/rss"), "--feed")
        run("check", site.url("/rss"))
        run("check", site.url("/rss") + "?2", "--feed")
        assert "/robots.txt" not in site.paths()


def test_the_feed_that_a_page_names_is_read_but_a_guess_asks_robots_txt(opml: Path) -> None:
    robots = b"User-agent: silkwire\nAllow: /page\nDisallow: /hidden\nDisallow: /feed\n"
    named = {"robots.txt": robots, "page": PAGE, "hidden/rss": RSS}
    assert paths_asked(named, "add") == ["/robots.txt", "/page", "/hidden/rss"]
    guessed = {"robots.txt": robots, "page": DOCUMENTS["bare"], "feed": RSS, "rss": RSS}
    assert paths_asked(guessed, "add") == ["/robots.txt", "/page", "/rss"]


def test_a_robots_txt_that_cannot_be_had_forbids_all_and_none_forbids_nothing(opml: Path) -> None:
    with Publisher(pages={"/robots.txt": answer(b"", 503), "/page": answer(RSS)}) as site:
        found = run_json("check", site.url("/page"), code=1)
        assert found["error_class"] == "server_error"
        assert "its robots.txt cannot be fetched" in found["error"]
        assert site.paths() == ["/robots.txt"]
    assert paths_asked({"page": RSS}, "check") == ["/robots.txt", "/page"]


# --- the state of feeds


def test_list_shows_new_feeds_before_a_batch_and_their_health_after(
    opml: Path, warehouse: Engine
) -> None:
    feeds = run_json("list")["feeds"]
    assert [(f["feed_url"], f["state"]) for f in feeds] == [
        ("https://a.example/rss", "new"),
        ("https://b.example/rss", "new"),
    ]
    run("pause", "https://a.example/rss", "--reason", "ticket 12")
    assert {f["title"]: f["state"] for f in run_json("list")["feeds"]} == {
        "A": "paused",
        "B": "new",
    }
    with warehouse.begin() as conn:
        sql = "UPDATE ops.feed SET state = 'failing', failure_count = 3, last_error = 'HTTP 500'"
        conn.execute(text(f"{sql} WHERE title = 'B'"))
    out = run("list").stdout
    assert "HTTP 500 (3 times)" in " ".join(out.split())
    assert "ticket 12" in " ".join(out.split())
    assert "secret" not in out
    assert run_json("list", "--state", "failing")["feeds"][0]["failure_count"] == 3
    assert [f["title"] for f in run_json("list", "--match", "POST")["feeds"]] == ["A"]


def test_list_is_a_table_whose_urls_and_errors_are_whole_in_any_width(
    opml: Path, warehouse: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    url, error = f"https://a.example/{'x' * 90}", "the server answered 500 Internal Server Error"
    run("add", url, "--no-check", "--title", "新闻联播" * 20)
    run("pause", "https://b.example/rss")
    with warehouse.begin() as conn:
        sql = "UPDATE ops.feed SET state = 'failing', failure_count = 3, last_error = :error"
        conn.execute(text(f"{sql} WHERE feed_url = :url"), {"error": error, "url": url})
    for width in ("50", "80", "200"):
        monkeypatch.setenv("COLUMNS", width)
        first, *rows = run("list").stdout.splitlines()
        assert first.split() == ["feed", "state", "next", "due", "every", "last", "good"]
        assert rows[0].startswith("新闻联播新")
        assert cell_len(rows[0]) <= max(int(width), 58)
        assert rows[0].split()[-5:] == ["failing", "now", "1", "h", "never"]
        assert rows[1:3] == [f"  {url}", f"  {error} (3 times)"]
        assert rows[-1] == "3 feeds"


def test_list_refuses_an_unknown_state(opml: Path, warehouse: Engine) -> None:
    with pytest.raises(SilkwireError, match="--state must be one of new, healthy"):
        run("list", "--state", "ill")


def test_pause_and_resume_set_the_state_however_the_url_is_spelt(
    opml: Path, warehouse: Engine
) -> None:
    def states() -> list[tuple[str, str | None]]:
        with warehouse.connect() as conn:
            sql = "SELECT state, paused_reason FROM ops.feed ORDER BY feed_url"
            return [tuple(row) for row in conn.execute(text(sql))]

    run("pause", "HTTPS://A.example/rss")
    assert states() == [("paused", "paused by hand"), ("healthy", None)]
    assert "Resumed 1" in run("resume", "https://a.example/rss").stdout
    assert states() == [("healthy", None), ("healthy", None)]
    assert "Resumed 0" in run("resume", "https://a.example/rss").stdout


def test_an_unknown_feed_can_be_neither_paused_nor_resumed(opml: Path, warehouse: Engine) -> None:
    for command in ("pause", "resume"):
        with pytest.raises(SilkwireError, match=r"there is no feed https://x\.example/"):
            run(command, "https://x.example/")


def test_a_feed_off_the_list_is_resumed_by_listing_it(opml: Path, warehouse: Engine) -> None:
    run("pause", "https://a.example/rss")
    with warehouse.begin() as conn:
        conn.execute(text("UPDATE ops.feed SET paused_reason = 'not in the feed list'"))
        conn.execute(text("UPDATE ops.feed SET state = 'paused'"))
    run("remove", "https://a.example/rss")
    with pytest.raises(SilkwireError, match="`silkwire feeds add` lists it"):
        run("resume", "https://a.example/rss")


@pytest.mark.parametrize(
    "command", ["list", "add", "remove", "import", "export", "check", "pause", "resume"]
)
def test_each_command_shows_examples(command: str) -> None:
    assert f"silkwire feeds {command}" in run(command, "--help").stdout
