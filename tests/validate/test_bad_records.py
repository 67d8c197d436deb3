"""Every kind of bad record fails exactly what it must; good ones, however odd, fail nothing."""

from dataclasses import replace

import pytest

from helpers.bad_records import BAD_RECORDS, GOOD_RECORDS, make_row
from silkwire.model import FailedEntry
from silkwire.validate import validate_entries
from silkwire.validate.suites.entry import ENTRY_SUITE

KINDS = [*BAD_RECORDS, *GOOD_RECORDS]
CHANGES = [change for change, _ in BAD_RECORDS.values()] + list(GOOD_RECORDS.values())


@pytest.fixture(scope="module")
def failures() -> dict[str, FailedEntry]:
    """What each kind fails, all validated as one batch."""
    rows = [change(make_row(number)) for number, change in enumerate(CHANGES)]
    failed = validate_entries(rows).failed
    return {KINDS[entry.entry_number]: entry for entry in failed}


@pytest.mark.parametrize("kind", BAD_RECORDS)
def test_bad_record_fails_exactly_what_it_must(kind: str, failures: dict[str, FailedEntry]) -> None:
    failed = sorted(reason.expectation for reason in failures[kind].reasons)
    assert failed == sorted(BAD_RECORDS[kind][1])


@pytest.mark.parametrize("kind", GOOD_RECORDS)
def test_good_record_fails_nothing(kind: str, failures: dict[str, FailedEntry]) -> None:
    assert kind not in failures


def test_there_are_at_least_forty_kinds() -> None:
    assert len(BAD_RECORDS) >= 40


def test_every_expectation_is_failed_by_some_kind() -> None:
    failed = set().union(*(expected for _, expected in BAD_RECORDS.values()))
    assert failed == {check.name for check in ENTRY_SUITE}


def test_reason_shows_the_field_its_value_and_the_rule(failures: dict[str, FailedEntry]) -> None:
    (reason,) = failures["published at the epoch"].reasons
    assert (reason.column, reason.value) == ("published_at", "1970-01-01T00:00:00+00:00")
    assert reason.rule == "the publication date is not before 1990"


def test_long_value_is_cut_with_a_mark(failures: dict[str, FailedEntry]) -> None:
    (reason,) = failures["title of a million characters"].reasons
    assert reason.value is not None
    assert reason.value.endswith("… (1,000,043 characters)")
    assert len(reason.value) < 240


def test_reasons_can_be_stored_and_printed(failures: dict[str, FailedEntry]) -> None:
    values = [r.value for entry in failures.values() for r in entry.reasons if r.value]
    assert all(value.isprintable() for value in values)
    assert failures["title with half an emoji"].reasons[0].value == "U+D83D at 44"


def test_copies_of_one_identity_all_fail_in_whatever_chunk_they_are() -> None:
    rows = [make_row(number) for number in range(3)]
    twin = replace(rows[0][0], entry_number=9), replace(rows[0][1], entry_number=9)
    validation = validate_entries([*rows, twin], chunk_rows=2)
    named = [(e.entry_number, [r.expectation for r in e.reasons]) for e in validation.failed]
    assert named == [(0, ["is_once_in_its_feed"]), (9, ["is_once_in_its_feed"])]


def test_two_feeds_may_carry_one_article() -> None:
    row, matched = make_row(0)
    other = replace(row, entry_number=1, feed_key=8), replace(matched, entry_number=1)
    assert validate_entries([(row, matched), other]).failed == ()
