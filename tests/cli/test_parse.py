"""`silkwire parse`: one JSON line a file, its keys as the design fixes them."""

import json

import pytest
from typer.testing import CliRunner

from silkwire.cli.app import app
from silkwire.errors import ConfigError

FEED = """<rss version="2.0"><channel><language>en</language><item><guid>g-1</guid>
<title>One</title><link>https://e.org/1?utm_source=x</link><description>Short</description>
<author>Ann Li</author><pubDate>Mon, 06 Jan 2025 10:00:00 +0800</pubDate></item></channel></rss>"""


def run(*args, stdin=None):
    result = CliRunner().invoke(
        app, ["parse", *map(str, args)], input=stdin, catch_exceptions=False
    )
    return result.exit_code, [json.loads(line) for line in result.stdout.splitlines()]


def test_every_file_gives_one_line(tmp_path):
    feed, page = tmp_path / "feed.xml", tmp_path / "page.html"
    feed.write_text(FEED)
    page.write_text("<html><body>Oops")
    code, (first, second) = run(feed, page)
    assert code == 0
    assert first == {
        "file": str(feed),
        "format": "rss20",
        "encoding": "ascii",
        "error": None,
        "items_in_bytes": 1,
        "entries": [
            {
                "guid": "g-1",
                "url": "https://e.org/1?utm_source=x",
                "canonical_url": "https://e.org/1",
                "title": "One",
                "summary": "Short",
                "authors": ["Ann Li"],
                "published_at": "2025-01-06T02:00:00Z",
                "published_raw": "Mon, 06 Jan 2025 10:00:00 +0800",
                "language": "en",
            }
        ],
    }
    assert second["format"] is None
    assert second["error"] == "The document is an HTML page."


def test_a_dash_reads_stdin_and_the_url_resolves_relative_links():
    code, (line,) = run("-", "--url", "https://e.org/feed", stdin=FEED.replace("https://e.org", ""))
    assert (code, line["file"]) == (0, "-")
    assert line["entries"][0]["url"] == "https://e.org/1?utm_source=x"


def test_a_file_that_is_not_there_is_one_sentence(tmp_path):
    with pytest.raises(ConfigError, match="cannot be read: No such file or directory"):
        run(tmp_path / "missing.xml")
