"""No good entry of the shared corpus is quarantined; each that is, is listed with why."""

from collections import Counter
from datetime import UTC, datetime

import pytest

from helpers.places import SHARED
from silkwire.model import EntryBatchRow, MatchedEntry, ParseJob, TopicDecision
from silkwire.parse import parse_document
from silkwire.parse.entry.identity import identify_entries
from silkwire.validate import validate_entries

FEEDS = SHARED / "corpus" / "feeds"

JUSTLY_FAILED = {
    # the item's title element is empty or missing
    ("bbc-01.xml", "has_title"): 4,
    ("bbc-02.xml", "has_title"): 3,
    ("bbc-04.xml", "has_title"): 4,
    ("bbc-05.xml", "has_title"): 3,
    ("bbc-06.xml", "has_title"): 1,
    ("bbc-07.xml", "has_title"): 3,
    ("bbc-08.xml", "has_title"): 1,
    ("bugramming-01.xml", "has_title"): 2,
    ("cnblog-01.xml", "has_title"): 1,
    ("foxnews-02.xml", "has_title"): 1,
    ("foxnews-03.xml", "has_title"): 1,
    ("godthink-blogsome-01.xml", "has_title"): 4,
    ("nikocunningham-blogspot-01.xml", "has_title"): 2,
    ("pitsula-blogspot-01.xml", "has_title"): 1,
    # neither link nor guid
    ("codewranglers-01.xml", "has_identity"): 1,
    ("doncho-01.xml", "has_identity"): 1,
    ("sample-01.xml", "has_identity"): 1,
    # `Mon, 01 Jan 0001`: a site generator's zero
    ("deepankarm-github-01.xml", "published_is_not_before_1990"): 1,
    ("karlnelson-01.xml", "published_is_not_before_1990"): 2,
    ("kittenlabs-01.xml", "published_is_not_before_1990"): 1,
}


@pytest.mark.skipif(not FEEDS.is_dir(), reason="../shared/corpus is not here")
def test_no_good_entry_of_the_corpus_fails() -> None:
    rows, names = [], []
    for key, path in enumerate(sorted(FEEDS.iterdir())):
        document = parse_document(
            ParseJob(key, path.read_bytes(), url=f"https://f.example/{path.name}")
        )
        found = identify_entries(key, document.entries, is_urls_repeat=False, is_guids_repeat=False)
        for item in found.entries:
            row = EntryBatchRow(len(rows), key, datetime(2026, 11, 23, tzinfo=UTC), item)
            rows.append((row, MatchedEntry(len(rows), (TopicDecision("ai", False, 0.0),))))
            names.append(path.name)
    failed = validate_entries(rows).failed
    reasons = Counter((names[e.entry_number], r.expectation) for e in failed for r in e.reasons)
    assert len(rows) > 8000
    assert dict(reasons) == JUSTLY_FAILED
