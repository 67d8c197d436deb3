"""One text or two: pairs written by us (`data/copies.tsv`), and what holds for any pair."""

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from silkwire.syndication.text import ArticleText, Reading, read_text
from silkwire.syndication.verify import compare_texts

with (Path(__file__).parent / "data" / "copies.tsv").open(encoding="utf-8", newline="") as _lines:
    ROWS = list(csv.DictReader(_lines, delimiter="\t", quoting=csv.QUOTE_NONE))
TEXTS = st.builds(
    ArticleText,
    st.none() | st.text(max_size=80),
    st.none() | st.text(max_size=300),
    st.sampled_from([None, "Post", "Sun"]),
)


def read_side(row: dict[str, str], side: str) -> Reading:
    return read_text(ArticleText(row[f"{side}_title"], row[f"{side}_lead"], row[f"{side}_outlet"]))


@pytest.mark.parametrize("row", ROWS, ids=[row["why"] for row in ROWS])
def test_pair(row: dict[str, str]) -> None:
    found = compare_texts(read_side(row, "left"), read_side(row, "right"))
    assert (found.is_copy, row["is_copy"]) in {(True, "1"), (False, "0")}, found


@pytest.mark.parametrize(
    ("why", "reason"),
    [
        ("a toll that has risen", "numbers contradict"),
        ("another town in the same form", "names contradict"),
        ("a newsletter's lead under every title", "a lead that this outlet repeats"),
        ("a live page and the article", "a live page and an article"),
        ("one title, two texts", "same title, other lead"),
        ("a lead that was cut short", "same lead"),
        ("the outlet's name behind the title", "same title, one lead missing"),
    ],
)
def test_the_answer_has_its_reason(why: str, reason: str) -> None:
    (row,) = [row for row in ROWS if row["why"] == why]
    assert compare_texts(read_side(row, "left"), read_side(row, "right")).reason == reason


@given(TEXTS, TEXTS)
def test_the_order_of_the_two_makes_no_difference(one: ArticleText, other: ArticleText) -> None:
    a, b = read_text(one), read_text(other)
    assert compare_texts(a, b) == compare_texts(b, a)
    assert 0 <= compare_texts(a, b).similarity <= 1


@pytest.mark.parametrize(
    ("lead", "tokens"),
    [
        ("LINDAL (Reuters) - Rain fell", ("rain", "fell")),
        ("April 29, 2026 11:32 AM LINDAL: 1,000 km", ("lindal", "1000", "km")),
        ("Published: 2026-03-02 10:00 雨", ("雨",)),
        ("新华社林达尔3月2日电 下雨", ("下", "雨")),
        ("A tram (Ana Roe/Getty Images)", ("a", "tram", "ana", "roe", "getty", "images")),
        ("A tram stands in the rain at noon (Ana Roe/Getty Images)", ()),
        ("Rain https://a.example/x?y=1 #rain fell", ("rain", "fell")),
        ("$1.5bn, 3 million, 200k", ("1500000000", "3000000", "200000")),
        ("It rains. The post Rain appeared first on Post.", ("it", "rains")),
        ("一二三", ("一", "二", "三")),
    ],
)
def test_a_lead_is_read_without_what_outlets_add(lead: str, tokens: tuple[str, ...]) -> None:
    assert read_text(ArticleText("Title", lead)).lead == tokens


@pytest.mark.parametrize(
    "text", ["(" * 50_000, "a " * 50_000 + "(", "据" * 50_000, "www." * 20_000, "1," * 50_000]
)
def test_a_hostile_text_is_read_in_linear_time(text: str) -> None:
    reading = read_text(ArticleText(text[:10_000], text))
    assert len(reading.lead) <= 100
