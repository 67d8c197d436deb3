"""The demo's publisher: fourteen feeds on loopback, two cycles."""

import csv
import gzip
import json
import urllib.error
import urllib.request
from datetime import UTC, datetime
from xml.etree import ElementTree as ET

import pytest

from helpers.places import DATA
from silkwire.demo.catalogue import FEEDS, FEEDS_DIR
from silkwire.demo.placeholders import fill_placeholders
from silkwire.demo.publisher import Publisher, SeenRequest, render_feed

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)


@pytest.fixture
def publisher():
    with Publisher(NOW) as publisher:
        yield publisher


def get(url, **headers):
    request = urllib.request.Request(url, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=10) as response:
            return response.status, dict(response.headers), response.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, dict(error.headers), error.read()


def read(publisher, file, **headers):
    return get(publisher.feed_url(file), **headers)


@pytest.mark.parametrize(
    ("placeholder", "filled"),
    [
        ("{{iso 90m ago}}", "2026-11-23T08:30:00+00:00"),
        ("{{iso+0900 1d ago}}", "2026-11-22T19:00:00+09:00"),
        ("{{rfc822 3h ago}}", "Mon, 23 Nov 2026 07:00:00 GMT"),
        ("{{rfc822+0800 3h ago}}", "Mon, 23 Nov 2026 15:00:00 +0800"),
        ("{{local 3h ago}}", "2026-11-23 07:00:00"),
        ("{{rfc822 built}}", "Mon, 23 Nov 2026 10:00:00 GMT"),
        ("a{{control 0B}}b", "a\x0bb"),
    ],
)
def test_placeholder_is_filled_against_the_given_clock(placeholder, filled):
    assert fill_placeholders(placeholder, now=NOW, built=NOW) == filled


def test_unknown_placeholder_is_an_error():
    with pytest.raises(ValueError, match=r"not a placeholder: \{\{rfc822 soon\}\}"):
        fill_placeholders("x {{rfc822 soon}}", now=NOW, built=NOW)


@pytest.mark.parametrize("file", sorted(FEEDS_DIR.glob("cycle*/*")), ids=lambda f: f.name)
def test_document_of_the_wheel_holds_known_placeholders_only(file):
    fill_placeholders(file.read_text("utf-8"), now=NOW, built=NOW)


@pytest.mark.parametrize("feed", FEEDS[:10], ids=lambda feed: feed.file)
def test_feed_that_is_not_trouble_is_well_formed(feed):
    body, _ = render_feed(feed, 1, NOW)
    document = body.decode(feed.encoding)
    json.loads(document) if feed.file.endswith(".json") else ET.fromstring(
        document.split("?>", 1)[-1]
    )


def test_every_feed_but_the_one_that_is_down_answers_200(publisher):
    statuses = {feed.file: read(publisher, feed.file)[0] for feed in FEEDS}
    assert statuses.pop("down-channel.xml") == 500
    assert set(statuses.values()) == {200}


def test_unknown_path_is_404(publisher):
    assert get(publisher.base_url + "/nothing")[0] == 404


def test_moved_feed_answers_301_first(publisher):
    read(publisher, "open-skies.xml")
    assert [(seen.path, seen.status) for seen in publisher.requests] == [
        ("/open-skies/old.rss", 301),
        ("/open-skies.xml", 200),
    ]


def test_chinese_feed_goes_over_the_wire_in_gb18030(publisher):
    body = read(publisher, "dengta.xml")[2]
    assert "灯塔日报" in body.decode("gb18030")


def test_one_feed_is_compressed(publisher):
    _, headers, body = read(publisher, "haigang.xml")
    assert headers["Content-Encoding"] == "gzip"
    assert "海港時報" in gzip.decompress(body).decode()


def test_page_under_a_feeds_name_offers_another_address(publisher):
    _, headers, body = read(publisher, "old-homepage.html")
    assert headers["Content-Type"] == "text/html"
    assert b'<link rel="alternate" type="application/rss+xml"' in body


def test_etag_gives_304_while_the_feed_stays_the_same(publisher):
    etag = read(publisher, "meridian-post.xml")[1]["ETag"]
    publisher.advance()
    status, headers, body = read(publisher, "meridian-post.xml", **{"If-None-Match": etag})
    assert (status, headers["ETag"], body) == (304, etag, b"")
    assert publisher.requests[-1] == SeenRequest("/meridian-post.xml", etag, None, 304)


def test_last_modified_gives_304_while_the_feed_stays_the_same(publisher):
    since = read(publisher, "dengta.xml")[1]["Last-Modified"]
    assert since == "Mon, 23 Nov 2026 09:00:00 GMT"
    publisher.advance()
    assert read(publisher, "dengta.xml", **{"If-Modified-Since": since})[0] == 304


def test_changed_feed_answers_200_to_its_old_etag(publisher):
    etag = read(publisher, "pacific-ledger.xml")[1]["ETag"]
    publisher.advance()
    status, headers, body = read(publisher, "pacific-ledger.xml", **{"If-None-Match": etag})
    assert status == 200
    assert headers["ETag"] != etag
    assert b"Guidance, not a ban" in body


def test_feed_without_validators_is_the_same_in_both_cycles(publisher):
    _, headers, first = read(publisher, "tsubame.rdf")
    publisher.advance()
    assert {"ETag", "Last-Modified"}.isdisjoint(headers)
    assert read(publisher, "tsubame.rdf")[2] == first


def test_feed_with_a_build_date_changes_in_nothing_else(publisher):
    first = read(publisher, "lantern-review.xml")[2]
    publisher.advance()
    second = read(publisher, "lantern-review.xml")[2]
    assert first.replace(b"09:45:00", b"09:55:00") == second
    assert first != second


def test_feed_list_has_the_attributes_of_a_users_list(publisher, tmp_path):
    root = ET.parse(publisher.write_opml(tmp_path / "feeds.opml")).getroot()
    feeds = root.findall("body/outline/outline")
    assert len(feeds) == 14
    assert feeds[6].attrib == {
        "type": "rss",
        "text": "Model Weekly",
        "xmlUrl": publisher.base_url + "/model-weekly.json",
        "htmlUrl": "https://modelweekly.example/",
        "outlet": "Model Weekly",
        "language": "en",
        "category": "demo,specialists",
        "topics": "ai",
    }


def test_port_is_free_again_after_the_block():
    with Publisher(NOW) as publisher:
        url = publisher.feed_url("meridian-post.xml")
    with pytest.raises(urllib.error.URLError):
        urllib.request.urlopen(url, timeout=1)


def test_labels_name_entries_of_the_feeds_once():
    with (DATA / "demo_labels.tsv").open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))
    assert len(rows) == 152
    assert len({(row["feed"], row["url"], row["title"]) for row in rows}) == 152
    assert {row["feed"] for row in rows} <= {feed.file.split(".")[0] for feed in FEEDS}
