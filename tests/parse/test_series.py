"""The texts and urls of feeds over time are those that ../shared/series expects."""

import hashlib
import json

import pytest

from helpers.places import SHARED
from silkwire.model import ParseJob
from silkwire.parse import parse_document

SERIES = SHARED / "series"
FEEDS = ["bbc", "straitstimes", "aljazeera-youtube", "cctv-cn"]
pytestmark = pytest.mark.skipif(not SERIES.exists(), reason="../shared/series is not here")


def hash_text(text):
    return hashlib.sha256((text or "").encode()).hexdigest()[:16]


def read_feed(feed):
    """Snapshot name → its articles as url → (title hash, summary hash); None for a failure."""
    shots = {}
    for path in sorted((SERIES / feed).glob("*.xml")):
        document = parse_document(ParseJob(0, path.read_bytes()))
        shots[path.name] = None if document.error else {
            entry.canonical_url: (hash_text(entry.title), hash_text(entry.summary))
            for entry in document.entries
        }  # fmt: skip
    return shots


@pytest.mark.parametrize("feed", FEEDS)
def test_every_revision_of_the_sampled_articles_is_read_as_expected(feed):
    expected = json.loads((SERIES / "expected.json").read_text())["feeds"][feed]
    shots = read_feed(feed)
    parsed = [articles for articles in shots.values() if articles is not None]
    assert len(shots) - len(parsed) == expected["totals"]["parse_failures"]
    assert len({url for articles in parsed for url in articles}) == expected["totals"]["articles"]
    for article in expected["sampled_articles"]:
        revisions = []
        for name, articles in shots.items():
            texts = (articles or {}).get(article["link"])
            if texts and (not revisions or revisions[-1][1:] != texts):
                revisions.append((name, *texts))
        assert revisions == [
            (r["first_seen"], r["title_sha16"], r["summary_sha16"]) for r in article["revisions"]
        ]
