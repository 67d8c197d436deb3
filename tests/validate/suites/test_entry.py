"""The suite as code, the custom expectations by themselves, and what counts as our failure."""

from dataclasses import replace

import pandas as pd
import pytest

from silkwire.errors import ValidationError
from silkwire.validate.engine.gx import validate_frame
from silkwire.validate.facts import EntryFacts
from silkwire.validate.suites.checks import Check, refuse_unknown_columns
from silkwire.validate.suites.entry import ENTRY_SUITE, KEY_SUITE
from silkwire.validate.suites.predicates import (
    count_replaced,
    find_control_character,
    is_blank,
    is_web_url,
    is_without_login,
    says_something,
    show_value,
)

SUITES = (*ENTRY_SUITE, *KEY_SUITE)


def find_failing(expectation: str, cells: list[object], **options: object) -> tuple[int, ...]:
    """The places of `cells` that fail this expectation."""
    check = Check("c", "cell", expectation, "rule", "why", options=options)
    (result,) = validate_frame([check], pd.DataFrame({"cell": pd.Series(cells, dtype=object)}))
    return result.failing


def test_names_are_unique_and_every_expectation_says_its_rule_and_why() -> None:
    assert len({check.name for check in SUITES}) == len(SUITES)
    for check in SUITES:
        assert check.rule[0].islower()
        assert not check.rule.endswith(".")
        assert check.why.endswith(".")


def test_every_column_of_the_suite_is_in_the_frame() -> None:
    refuse_unknown_columns(SUITES, EntryFacts._fields)


def test_typo_in_a_column_is_refused_by_name() -> None:
    typo = replace(ENTRY_SUITE[0], reads=("identitty",))
    with pytest.raises(ValidationError, match="has_identity reads an unknown column: identitty"):
        refuse_unknown_columns([typo], EntryFacts._fields)


def test_expectation_that_raises_is_our_failure_not_the_records() -> None:
    check = Check("c", "missing", "expect_column_values_to_not_be_null", "rule", "why")
    with pytest.raises(ValidationError, match="could not validate c"):
        validate_frame([check], pd.DataFrame({"cell": ["a"]}))


def test_predicate_that_raises_is_our_failure() -> None:
    with pytest.raises(ValidationError, match="could not validate c"):
        find_failing("expect_column_values_to_say_something", [object()])


def test_custom_expectation_on_web_urls_names_what_fails_and_skips_null() -> None:
    cells = ["https://a.example/", None, "ftp://a.example/", "x"]
    assert find_failing("expect_column_values_to_be_web_urls", cells) == (2, 3)


def test_custom_expectation_on_logins_names_what_fails() -> None:
    cells = ["https://a.example/@b", None, "https://a@b.example/"]
    assert find_failing("expect_column_values_to_be_urls_without_login", cells) == (2,)


def test_custom_expectation_on_titles_names_what_fails() -> None:
    assert find_failing("expect_column_values_to_say_something", ["AI", None, "?!"]) == (2,)


def test_column_of_nulls_alone_fails_nothing() -> None:
    assert find_failing("expect_column_values_to_be_web_urls", [None, None]) == ()


def test_all_of_many_failing_rows_are_named() -> None:
    assert find_failing("expect_column_values_to_be_null", ["x"] * 1000) == tuple(range(1000))


@pytest.mark.parametrize(
    "url",
    [
        "https://a.example",
        "HTTP://A.EXAMPLE:8080/x?y#z",
        "https://新闻.例子/一?二",
        "http://[2001:db8::1]:80/",
        "http://localhost/a b",
        "https://a.example/%zz",
    ],
)
def test_web_url(url: str) -> None:
    assert is_web_url(url)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "a.example/x",
        "//a.example/x",
        "https:/a.example",
        "https://",
        "https://:80/",
        "https://./",
        "https://a.example:0/",
        "https://a.example:65536/",
        "https://a b.example/",
        "http://[::1/",
        "javascript:alert('https://a.example')",
        "file:///etc/passwd",
        " https://a.example",
        "https://a.example/\nHost: b",
        "java\0script://a.example",
    ],
)
def test_no_web_url(url: str) -> None:
    assert not is_web_url(url)


@pytest.mark.parametrize("url", ["http://a@b.example/", "https://a:b@c.example", "http:\\\\a@b/"])
def test_url_with_a_login(url: str) -> None:
    assert not is_without_login(url)


@pytest.mark.parametrize("url", ["https://a.example/@b", "https://a.example?to=c@d", "mailto:a@b"])
def test_url_without_a_login(url: str) -> None:
    assert is_without_login(url)


@pytest.mark.parametrize("text", ["7", "é", "中", "🚄", "€", "¿AI?"])
def test_title_that_says_something(text: str) -> None:
    assert says_something(text)


@pytest.mark.parametrize("text", ["...", "—", "¿?", "_", "\u0301", "“”"])
def test_title_that_says_nothing(text: str) -> None:
    assert not says_something(text)


@pytest.mark.parametrize("text", ["", " ", "\u3000", "\u200b\u200e", "\u00ad"])
def test_blank_text(text: str) -> None:
    assert is_blank(text)


def test_control_character_is_named_with_its_place() -> None:
    assert find_control_character("ab\x07c") == "U+0007 at 2"
    assert find_control_character("tab\t and\r\nline, \u200d and \u2028") is None


def test_replaced_characters_are_ours_only_as_far_as_the_parser_says() -> None:
    problems = ("title: holds 2 forbidden characters", "body: cut to 9 characters")
    assert count_replaced("title", "a\ufffdb", problems) == 1
    assert count_replaced("title", "\ufffd\ufffd\ufffd", problems) == 2
    assert count_replaced("title", "dropped", problems) == 0
    assert count_replaced("body", "\ufffd", problems) == 0


def test_shown_value_is_one_printable_line() -> None:
    assert show_value("a\x00b\n\u202ec\ud800") == "a\\x00b\\n\\u202ec\\ud800"
    assert show_value(-1.0) == "-1"
    assert show_value(float("nan")) is None
    assert show_value("x" * 201) == "x" * 200 + "… (201 characters)"
