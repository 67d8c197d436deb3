"""What describes a pair of texts, number by number."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from silkwire.syndication.features import (
    count_repeats,
    describe_leads,
    describe_titles,
    is_column,
    is_live,
)
from silkwire.syndication.text import TokenizedText, Tokens

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)


def words(text: str) -> Tokens:
    return tuple(text.split())


def number_words(first: int, last: int) -> Tokens:
    """Words that differ from one another: waaxx, wabxx, …"""
    return tuple(f"w{chr(97 + n // 26)}{chr(97 + n % 26)}xx" for n in range(first, last))


ONE = TokenizedText(
    words("robot cooks open a canteen"),
    (*words("robot cooks serve noodles"), *number_words(0, 16)),
    "Post",
    MONDAY,
)
OTHER = TokenizedText(
    words("canteen of robot cooks opens"),
    (*words("robot cooks serve dumplings"), *number_words(0, 6), *number_words(50, 60)),
    "Sun",
    MONDAY + timedelta(days=3.5),
)


def test_two_leads_are_described_by_what_they_share_and_what_their_titles_speak_of() -> None:
    assert describe_leads(ONE, OTHER) == {
        # robot, cook, canteen, open, serve and six others of the 22 that each of them has
        "text_contained": pytest.approx(11 / 22),
        "lead_in_order": pytest.approx(9 / 20),
        "lead_run": pytest.approx(6 / 30),
        "lead_length": pytest.approx(20 / 100),
        "opening": pytest.approx(3 / 15),
        "lead_on_titles": pytest.approx(2 / 4),
        "title_words": pytest.approx(4 / 8),
        "live": 0.0,
        "repeated": 0.0,
        "days": 0.5,
    }


def test_in_han_pairs_of_characters_are_what_a_text_speaks_of() -> None:
    one = TokenizedText(tuple("食堂里的机器厨师"), tuple("机器厨师端上面条"))
    other = TokenizedText(tuple("机器厨师开食堂"), tuple("机器厨师端上饺子"))
    found = describe_leads(one, other)
    assert found["text_contained"] == pytest.approx(6 / 10)
    assert found["lead_on_titles"] == pytest.approx(3 / 4)
    assert found["title_words"] == pytest.approx(4 / 8)


def test_leads_that_share_nothing_have_no_passage() -> None:
    found = describe_leads(
        replace(ONE, lead=number_words(0, 9)), replace(OTHER, lead=number_words(20, 29))
    )
    assert (found["lead_run"], found["lead_in_order"], found["opening"]) == (0.0, 0.0, 0.0)
    assert found["lead_on_titles"] == 0.0


def test_only_what_both_leads_say_counts_for_the_titles() -> None:
    silent = replace(OTHER, lead=number_words(0, 20))
    assert describe_leads(ONE, silent)["lead_on_titles"] == 0.0
    assert describe_leads(silent, ONE)["lead_on_titles"] == 0.0


def test_a_live_page_and_an_article_are_told_apart() -> None:
    live = replace(OTHER, title=(*OTHER.title, "live"))
    assert (is_live(live), is_live(ONE)) == (True, False)
    assert describe_leads(ONE, live)["live"] == 1.0
    assert describe_leads(live, replace(ONE, title=(*ONE.title, "updates")))["live"] == 0.0


# --- templates


def sibling(number: int, lead: Tokens) -> TokenizedText:
    return TokenizedText(words(f"title {number}"), lead, "Post")


def test_titles_that_bear_half_of_what_two_leads_share_are_counted_up_to_three() -> None:
    shared = number_words(0, 12)
    one, other = replace(ONE, lead=shared), replace(OTHER, lead=shared)
    half = (*number_words(0, 7), *number_words(60, 70))  # 5 of 10 runs of three
    less = (*number_words(0, 6), *number_words(60, 70))
    assert count_repeats(one, other, [sibling(1, half)]) == 1
    assert count_repeats(one, other, [sibling(1, less)]) == 0
    assert count_repeats(one, other, [sibling(1, half), sibling(1, shared)]) == 1
    assert count_repeats(one, other, [sibling(n, half) for n in range(9)]) == 3
    assert count_repeats(one, other, [replace(ONE, lead=shared), sibling(2, shared)]) == 1
    siblings = [sibling(n, shared) for n in range(2)]
    assert describe_leads(one, other, siblings)["repeated"] == pytest.approx(2 / 3)


def test_what_only_one_of_the_leads_says_is_no_template() -> None:
    one = replace(ONE, lead=number_words(0, 12))
    other = replace(OTHER, lead=number_words(40, 52))
    assert count_repeats(one, other, [sibling(1, one.lead), sibling(2, other.lead)]) == 0
    overlapping = replace(OTHER, lead=number_words(8, 20))
    assert count_repeats(one, overlapping, [sibling(1, number_words(0, 6))]) == 0


# --- titles alone


def test_two_titles_are_described_by_order_letters_and_what_is_exchanged() -> None:
    one = TokenizedText(words("robot cooks open a canteen"), (), "Post", MONDAY)
    other = TokenizedText(words("robot cooks close the canteen"), (), "AP News", MONDAY)
    assert describe_titles(one, other) == {
        "order": pytest.approx(1 / 7),
        "letters": pytest.approx(38 / 47),
        "swaps": 1 / 4,
        "same": 0.0,
        "same_length": 0.0,
        "han": 0.0,
        "own": 0.0,
        "relayed": 1.0,
        "column": 0.0,
        "days": 0.0,
    }


def test_another_spelling_is_no_exchange() -> None:
    one = TokenizedText(words("colour of the harbour"), ())
    assert describe_titles(one, TokenizedText(words("color of the harbour"), ()))["swaps"] == 0.0


def test_titles_that_are_the_same_say_more_the_longer_they_are() -> None:
    one = TokenizedText(number_words(0, 5), (), "Post")
    found = describe_titles(one, one)
    assert (found["same"], found["same_length"]) == (1.0, 5 / 20)
    assert (found["own"], found["relayed"], found["letters"]) == (1.0, 0.0, 1.0)


def test_han_is_looked_for_in_the_longer_title() -> None:
    han, latin = (
        TokenizedText(tuple("机器"), ()),
        TokenizedText(words("ai robots open a canteen"), ()),
    )
    assert describe_titles(han, latin)["han"] == describe_titles(latin, han)["han"] == 0.0
    longer = TokenizedText(tuple("机器厨师开食堂"), ())
    assert describe_titles(longer, latin)["han"] == describe_titles(latin, longer)["han"] == 1.0


def test_letters_that_are_frequent_count_in_a_long_title_too() -> None:
    one, other = (TokenizedText((letter + "ab" * 100,), ()) for letter in "xy")
    assert describe_titles(one, other)["letters"] == pytest.approx(400 / 402)


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        (words("the weekly digest"), True),
        (tuple("财经早报三月"), True),
        (words("robots cook"), False),
        (tuple("早间报道"), False),
    ],
)
def test_a_column_is_known_by_its_title(title: Tokens, expected: bool) -> None:
    column = TokenizedText(title, ())
    assert is_column(column) is expected
    assert describe_titles(column, column)["column"] == float(expected)
    plain = TokenizedText(words("robots cook"), ())
    assert describe_titles(column, plain)["column"] == 0.0


@pytest.mark.parametrize(("days", "weeks"), [(0, 0.0), (3.5, 0.5), (7, 1.0), (70, 1.0)])
def test_how_far_apart_two_were_published_counts_up_to_a_week(days: float, weeks: float) -> None:
    other = replace(ONE, published_at=MONDAY + timedelta(days=days))
    assert describe_titles(ONE, other)["days"] == describe_titles(other, ONE)["days"] == weeks
    undated = replace(ONE, published_at=None)
    assert describe_titles(undated, other)["days"] == describe_titles(other, undated)["days"] == 0.0
