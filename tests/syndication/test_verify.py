"""One text or two: pairs written by us (`data/copies.tsv`), and what holds for any pair."""

import csv
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.places import DATA
from silkwire.syndication.text import ArticleText, TokenizedText, tokenize
from silkwire.syndication.verify import Reason, compare_texts, find_veto, has_lead, name_kind

with (DATA / "copies.tsv").open(encoding="utf-8", newline="") as _lines:
    ROWS = list(csv.DictReader(_lines, delimiter="\t", quoting=csv.QUOTE_NONE))
REPEATED = "a lead that this outlet repeats"
UNSURE = "perhaps two events of one outlet"
MISSED = {
    "a label before the title",
    "a reprint edited behind its first words",
    "a year behind a text that is shown again",
}
"""Copies that are not sure enough to hide an article."""
TEXTS = st.builds(
    ArticleText,
    st.none() | st.text(max_size=80),
    st.none() | st.text(max_size=300),
    st.sampled_from([None, "Post", "Sun"]),
)


def read_side(row: dict[str, str], side: str) -> TokenizedText:
    return tokenize(ArticleText(row[f"{side}_title"], row[f"{side}_lead"], row[f"{side}_outlet"]))


@pytest.mark.parametrize("row", ROWS, ids=[row["why"] for row in ROWS])
def test_pair(row: dict[str, str]) -> None:
    found = compare_texts(read_side(row, "left"), read_side(row, "right"))
    assert found.is_copy is (row["is_copy"] == "1" and row["why"] not in MISSED), found


@pytest.mark.parametrize(
    ("why", "reason"),
    [
        ("another day of the same column", "numbers contradict"),
        ("another town in the same form", "names contradict"),
        ("a live page and the article", "a live page and an article"),
        ("one title, two texts", "same title, other lead"),
        ("a lead that was cut short", "same lead"),
        ("the outlet's name behind the title", "same title, one lead missing"),
    ],
)
def test_the_answer_has_its_reason(why: str, reason: str) -> None:
    (row,) = [row for row in ROWS if row["why"] == why]
    assert compare_texts(read_side(row, "left"), read_side(row, "right")).reason == reason


LETTER = (
    "The Times Lifestyle letter brings you stories on family, travel, food, neighbours, pets and"
    " autos."
)
TITLES = [
    "Dog paints stars and gets an offer",
    "Woman finds thirteen suitcases at her door",
    "Library asks readers for a quiet month",
    "Old ferry becomes a school for cooks",
]


def read_times(title: str, lead: str, day: int | None = None) -> TokenizedText:
    at = None if day is None else datetime(2026, 3, day, tzinfo=UTC)
    return tokenize(ArticleText(title, lead, "Times", at))


@pytest.mark.parametrize(("number_of", "reason"), [(2, REPEATED), (3, REPEATED), (4, REPEATED)])
def test_a_lead_under_another_title_of_its_outlet_is_no_copy(number_of: int, reason: str) -> None:
    one, other, *siblings = (read_times(title, LETTER) for title in TITLES[:number_of])
    assert compare_texts(one, other, siblings).reason == reason


TRAM = "The blue tram of Lindal runs again after three weeks of repairs to the bridge, it says."


@pytest.mark.parametrize(
    ("title", "reason"),
    [
        ("Blue tram of Lindal back after bridge repairs", "same lead"),
        ("Blue tram of Lindal is back: what else the day brought, in five minutes", UNSURE),
        ("Together again", UNSURE),
    ],
)
def test_a_new_title_over_an_old_lead_is_a_copy_if_it_names_the_same_event(
    title: str, reason: str
) -> None:
    one = read_times("Lindal: blue tram runs again over repaired bridge", TRAM)
    assert compare_texts(one, read_times(title, TRAM)).reason == reason


def test_a_sibling_with_another_lead_or_under_one_of_the_titles_says_nothing() -> None:
    one = read_times("Lindal: blue tram runs again over repaired bridge", TRAM)
    other = read_times("Blue tram of Lindal back after bridge repairs", TRAM)
    siblings = [
        read_times("Lindal: blue tram runs again over repaired bridge", TRAM + " And more."),
        read_times(TITLES[2], "Only this."),
    ]
    assert compare_texts(one, other, siblings).reason == "same lead"


FIVE = "Here are the five things that you need to know in Lindal to begin your working day."


@pytest.mark.parametrize(
    ("title", "later_title", "day", "is_copy"),
    [
        ("Lindal today: five things to know", "Lindal today: five things to know", 1, True),
        ("Lindal today: five things to know", "Lindal today: five things to know", 2, False),
        ("Five things to know: Lindal, Monday", "Five things to know: Lindal, Tuesday", 2, False),
        ("Lindal: five things", "Lindal: five things", 1, False),
    ],
)
def test_a_standing_title_is_over_another_issue_on_another_day_or_if_it_names_no_event(
    title: str, later_title: str, day: int, *, is_copy: bool
) -> None:
    one, other = read_times(title, FIVE, 1), read_times(later_title, FIVE, day)
    assert compare_texts(one, other).is_copy is is_copy


@pytest.mark.parametrize(("day", "is_copy"), [(2, True), (9, False), (28, False)])
def test_an_outlet_prints_a_text_again_within_days(day: int, is_copy: bool) -> None:
    """By then another lead alike is the next piece of a series."""
    lead = (
        "Taxi firm Coronet has 900 cabs and lets them deliver food to families who cannot leave"
        " the house, its owner said."
    )
    one = read_times("Cabs of taxi firm Coronet deliver family food", lead, 1)
    other = read_times("Taxi firm Coronet: cabs deliver food to families", lead, day)
    assert compare_texts(one, other).is_copy is is_copy


@pytest.mark.parametrize(
    ("outlet", "is_copy"), [("www.msn.com", True), ("AP News", True), ("Sun", False)]
)
def test_titles_alike_are_one_text_where_an_outlet_passes_on_what_others_write(
    outlet: str, is_copy: bool
) -> None:
    one = tokenize(
        ArticleText("Lindal and Port Ansa leaders visit rival capitals in ferry war", None, "Post")
    )
    other = tokenize(
        ArticleText("Lindal, Port Ansa leaders visit rival capitals in ferry war", None, outlet)
    )
    assert compare_texts(one, other).is_copy is is_copy


@given(TEXTS, TEXTS)
def test_the_order_of_the_two_makes_no_difference(one: ArticleText, other: ArticleText) -> None:
    a, b = tokenize(one), tokenize(other)
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
    assert tokenize(ArticleText("Title", lead)).lead == tokens


@pytest.mark.parametrize(
    ("title", "number_of_tokens"),
    [
        ("Robot cooks open a canteen in Lindal - The Lindal Post", 7),
        ("Robot cooks open a canteen in Lindal | LIVE", 7),
        ("Robot cooks open a canteen |", 5),
        ("The Ida Brandt Show - Are robots any good?", 8),
        ("Ida Brandt - Ferries of the Ansa", 6),
        ("城市日记 | 河边的小城修了桥", 12),
    ],
)
def test_a_title_loses_its_outlets_name_and_not_half_of_itself(
    title: str, number_of_tokens: int
) -> None:
    assert len(tokenize(ArticleText(title, None)).title) == number_of_tokens


@pytest.mark.parametrize(
    "text", ["(" * 50_000, "a " * 50_000 + "(", "据" * 50_000, "www." * 20_000, "1," * 50_000]
)
def test_a_hostile_text_is_read_in_linear_time(text: str) -> None:
    reading = tokenize(ArticleText(text[:10_000], text))
    assert len(reading.lead) <= 100


# --- which reason, and from where on


def number_words(first: int, last: int) -> tuple[str, ...]:
    return tuple(f"w{chr(97 + n // 26)}{chr(97 + n % 26)}xx" for n in range(first, last))


TITLE = number_words(600, 608)
OTHER_TITLE = number_words(610, 618)
LEAD = number_words(0, 22)
"""Of 20 runs of three words."""


def share_opening(count: int) -> tuple[str, ...]:
    return (*LEAD[:count], *number_words(100, 122 - count))


def edit_end(count: int) -> tuple[str, ...]:
    """The first words are the same, and behind them every other one."""
    new = number_words(100, 122)
    return (*LEAD[:count], *(new[n] if n % 2 else LEAD[n] for n in range(count, len(LEAD))))


def share_middle(count: int) -> tuple[str, ...]:
    return (*number_words(100, 104), *LEAD[4 : 4 + count], *number_words(104, 122 - count))


def compare(one: TokenizedText, other: TokenizedText) -> tuple[str, float]:
    found = compare_texts(one, other)
    return str(found.reason), round(found.similarity, 4)


@pytest.mark.parametrize(
    ("lead", "expected"),
    [
        (share_opening(12), ("same lead", 0.5)),
        (edit_end(11), ("same title, edited lead", 0.45)),
        (share_opening(11), ("same title, other lead", 0.45)),
    ],
)
def test_a_copy_is_named_by_how_much_of_its_lead_is_the_same(
    lead: tuple[str, ...], expected: tuple[str, float]
) -> None:
    one, other = (
        TokenizedText(TITLE, LEAD, "Post"),
        TokenizedText(TITLE, lead, "Sun"),
    )
    assert compare(one, other) == expected


@pytest.mark.parametrize(
    ("count", "outlet", "title", "expected"),
    [
        (12, "Post", OTHER_TITLE, (REPEATED, 0.5)),
        (12, "Sun", OTHER_TITLE, ("too little shared", 0.5)),
        (11, "Post", OTHER_TITLE, ("too little shared", 0.45)),
        (3, "Sun", TITLE, ("same title, other lead", 0.05)),
        (3, "Sun", OTHER_TITLE, ("too little shared", 0.05)),
    ],
)
def test_two_texts_are_named_by_what_keeps_them_apart(
    count: int, outlet: str, title: tuple[str, ...], expected: tuple[str, float]
) -> None:
    one, other = (
        TokenizedText(TITLE, LEAD, "Post"),
        TokenizedText(title, share_middle(count), outlet),
    )
    assert compare(one, other) == expected


def test_a_text_is_a_copy_of_itself_however_short_but_a_column_is_not() -> None:
    short = TokenizedText(TITLE, ("rain", "fell"), "Post")
    assert compare(short, short) == ("same lead", 1.0)
    column = TokenizedText(("weekly", "digest"), ("rain", "fell"), "Post")
    assert compare(column, column)[0] == "too little shared"


@pytest.mark.parametrize(
    ("lead", "expected"),
    [
        (number_words(0, 8), True),
        (number_words(0, 7), False),
        (tuple("一二三四五六七八九十甲乙丙丁戊己"), True),
        (tuple("一二三四五六七八九十甲乙丙丁戊"), False),
        ((), False),
    ],
)
def test_a_lead_has_eight_words_or_sixteen_characters_in_han(
    lead: tuple[str, ...], expected: bool
) -> None:
    assert has_lead(TokenizedText(TITLE, lead)) is expected


def test_weights_are_those_of_titles_where_a_lead_is_missing() -> None:
    one, bare = TokenizedText(TITLE, LEAD, "Post"), TokenizedText(TITLE, (), "Post")
    assert name_kind(one, bare) == name_kind(bare, one) == name_kind(bare, bare) == "titles"
    assert name_kind(one, one) == "leads of one outlet"
    assert name_kind(one, TokenizedText(TITLE, LEAD, "Sun")) == "leads of two outlets"


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        # numbers that stand in other places: looked at where titles are of one form
        (("9", "x", "y", "p"), ("x", "y", "q", "8"), Reason.NUMBERS),
        (("9", "x", "y", "p", "r"), ("x", "y", "q", "8"), None),
        (("x", "9", "y"), ("x", "8", "y"), Reason.NUMBERS),
    ],
)
def test_numbers_contradict_each_other_in_titles_of_one_form_or_in_one_place(
    one: tuple[str, ...], other: tuple[str, ...], expected: Reason | None
) -> None:
    assert find_veto(TokenizedText(one, ()), TokenizedText(other, ())) is expected


def test_numbers_of_what_is_no_lead_contradict_nothing() -> None:
    short = [TokenizedText(TITLE, ("page", number)) for number in ("3", "4")]
    assert find_veto(*short) is None
    long = TokenizedText(TITLE, ("page", "5", *number_words(0, 8)))
    assert find_veto(short[0], long) is find_veto(long, short[0]) is None
    assert (
        find_veto(long, TokenizedText(TITLE, ("page", "6", *number_words(0, 8)))) is Reason.NUMBERS
    )
    six = number_words(0, 6)
    almost = TokenizedText(TITLE, (*six, "3"))
    just = TokenizedText(TITLE, (*six, "5", "and", "so"))
    assert find_veto(almost, just) is find_veto(just, almost) is None
