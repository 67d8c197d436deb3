"""Each document of ../shared/corpus, compared with its expected content and with feedparser."""

import calendar
import csv
import warnings
from collections import Counter
from datetime import UTC, datetime
from functools import cache

import feedparser
import pytest

from helpers.places import ROOT, SHARED
from silkwire.model import ParseJob
from silkwire.parse import parse_document
from silkwire.parse.document.charset_labels import find_codec
from silkwire.parse.entry.plain_text import to_plain_text

CORPUS = SHARED / "corpus"
NOTES = ROOT / "docs" / "design" / "parsing.md"
pytestmark = pytest.mark.skipif(not CORPUS.exists(), reason="../shared/corpus is not here")

SAME = str.maketrans("〜∼‖−—¢£¬", "～～∥－―￠￡￢")  # what two tables make of one byte
EXPECTED_DIFFERENCES = {
    "a date that determines no instant": 184,
    "a text that was encoded twice": 41,
    "an Atom id taken for a link": 30,
    "a character with two mappings": 3,
    "a reference in an Atom title of type text": 2,
    "a text that the end of the document cut off": 1,
    "two alternate links": 1,
    "a JSON Feed": 1,
    "prefixed elements of RSS": 1,
}


@cache
def read_rows():
    with (CORPUS / "expected.tsv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))


@cache
def parse_file(file):
    return parse_document(ParseJob(0, (CORPUS / "feeds" / file).read_bytes()))


def allow(row, *columns):
    """The values that count as right; None if the corpus does not say."""
    values = [row[column] for column in columns]
    if values[0] == "?":
        return None
    return {None if value == "NULL" else value for i, value in enumerate(values) if value or not i}


def find_errors(row):
    document = parse_file(row["file"])
    also = row["encoding_also"].split(",")
    codecs = {row["encoding"], *also, *(find_codec(label) for label in also if label != "*")}
    if document.encoding not in codecs and "*" not in also:
        yield "encoding", document.encoding
    if document.items_in_bytes != int(row["items"]):
        yield "items", document.items_in_bytes
    if (document.error is None) != (row["is_feed"] == "1"):
        yield "is_feed", document.error
    if not document.entries:
        return
    first, last = document.entries[0], document.entries[-1]
    date = first.published_at and first.published_at.isoformat().replace("+00:00", "Z")
    for value, *columns in (
        (first.title, "first_title", "first_title_alt"),
        (last.title, "last_title", "last_title_alt"),
        (first.url, "first_link", "first_link_alt"),
        (date, "first_date_utc", "first_date_alt"),
    ):
        allowed = allow(row, *columns)
        if allowed is not None and _normalize(value) not in map(_normalize, allowed):
            yield columns[0], value


def _normalize(value):
    """Fractions of a second without trailing zeros."""
    if value and value.endswith("Z") and "." in value[-10:]:
        return value[:-1].rstrip("0").rstrip(".") + "Z"
    return value


def test_every_document_is_read_as_expected():
    errors = {row["file"]: found for row in read_rows() if (found := list(find_errors(row)))}
    assert errors == {}


def test_no_entry_is_lost_and_no_title_holds_mojibake():
    for row in read_rows():
        document = parse_file(row["file"])
        assert len(document.entries) == (int(row["items"]) if row["is_feed"] == "1" else 0)
        titles = "".join(entry.title or "" for entry in document.entries)
        assert not any(char == "\ufffd" or "\x80" <= char <= "\x9f" for char in titles), row["file"]


def find_differences(file):
    """The cause of each difference from feedparser."""
    ours = parse_file(file)
    theirs = feedparser.parse((CORPUS / "feeds" / file).read_bytes())
    if len(ours.entries) != len(theirs.entries):
        yield "a JSON Feed" if ours.format == "jsonfeed" else "prefixed elements of RSS"
        return
    for our, their in zip(ours.entries, theirs.entries, strict=True):
        if our.title != (their_title := to_plain_text(their.get("title", "")) or None):
            yield _explain_title(our, their_title)
        if our.url != (their.get("link") or None):
            yield _explain_link(our, their)
        instant = our.published_at and our.published_at.replace(microsecond=0)
        if instant != _read_their_date(their):
            assert our.published_at is None, (file, our.published_raw)
            yield "a date that determines no instant"


def _read_their_date(entry):
    parsed = entry.get("published_parsed") or entry.get("created_parsed")
    if parsed is None and "updated_parsed" in entry:
        parsed = entry["updated_parsed"]
    return parsed and datetime.fromtimestamp(calendar.timegm(parsed), UTC)


def _explain_title(our, their_title):
    if "title: was encoded twice" in our.problems:
        return "a text that was encoded twice"
    if "entry: cut off with the document" in our.problems:
        return "a text that the end of the document cut off"
    if their_title.translate(SAME) == our.title.translate(SAME):
        return "a character with two mappings"
    if to_plain_text(our.title) == their_title:
        return "a reference in an Atom title of type text"
    return f"unexplained: {our.title} / {their_title}"


def _explain_link(our, their):
    if "entry: cut off with the document" in our.problems:
        return "a text that the end of the document cut off"
    if our.url is None and their["link"] == their.get("id"):
        return "an Atom id taken for a link"
    if sum(link.get("rel") == "alternate" for link in their.links) > 1:
        return "two alternate links"
    return f"unexplained: {our.url} / {their['link']}"


@pytest.mark.slow
def test_every_difference_from_feedparser_has_a_cause_that_the_notes_decide():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        causes = Counter(cause for row in read_rows() for cause in find_differences(row["file"]))
    assert dict(causes) == EXPECTED_DIFFERENCES
    notes = NOTES.read_text("utf-8")
    assert [cause for cause in causes if f"| {cause} |" not in notes] == []
