"""A batch validated: nothing lost, nothing doubled, every reason, and no trace left behind."""

import os
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from helpers.bad_records import BAD_RECORDS, Row, entry, item, make_row
from helpers.places import TESTS
from silkwire.errors import ValidationError
from silkwire.model import (
    Enclosure,
    EntryBatchRow,
    Evidence,
    ExpectationResult,
    Factor,
    IdentifiedEntry,
    Identity,
    MatchedEntry,
    ParsedEntry,
    TopicDecision,
)
from silkwire.validate import validate_entries
from silkwire.validate.suites.entry import ENTRY_SUITE, KEY_SUITE

BAD_HASH = item(identity_hash="?", text_hash="?")


def test_good_batch_succeeds_in_every_expectation() -> None:
    validation = validate_entries([make_row(0), make_row(1)])
    assert validation.accepted == (0, 1)
    assert validation.failed == ()
    assert all(result.is_success for result in validation.results)
    assert len(validation.results) == len(ENTRY_SUITE) + len(KEY_SUITE)


def test_every_failing_row_is_named_in_chunks_beyond_the_limit_of_great_expectations() -> None:
    rows = [make_row(number) for number in range(700)]
    rows = [BAD_HASH(pair) if pair[0].entry_number % 2 else pair for pair in rows]
    validation = validate_entries(rows, chunk_rows=300)
    named = {
        failing.entry_number: {reason.expectation for reason in failing.reasons}
        for failing in validation.failed
    }
    expected = {"identity_hash_is_sha256", "text_hash_is_sha256", "is_once_in_its_feed"}
    assert named == dict.fromkeys(range(1, 700, 2), expected)
    assert validation.accepted == tuple(range(0, 700, 2))


def test_results_are_summed_over_chunks() -> None:
    rows = [make_row(number) for number in range(7)]
    rows[1], rows[6] = item(text_hash="?")(rows[1]), item(text_hash="?")(rows[6])
    results = {r.expectation: r for r in validate_entries(rows, chunk_rows=3).results}
    assert results["text_hash_is_sha256"] == ExpectationResult(
        "entry", "text_hash_is_sha256", "text_hash", False, 7, 2
    )
    assert results["has_title"] == ExpectationResult("entry", "has_title", "title", True, 7, 0)
    assert results["is_once_in_its_feed"].element_count == 7


def test_rows_are_read_one_chunk_at_a_time_and_numbers_need_no_order() -> None:
    rows = (entry(position=0)(make_row(number)) for number in (5, 3, 2**40))
    assert validate_entries(rows, chunk_rows=2).accepted == (5, 3, 2**40)


def test_entry_number_that_comes_twice_is_refused() -> None:
    with pytest.raises(ValidationError, match="entry 4 came twice"):
        validate_entries([make_row(4), make_row(4)], chunk_rows=1)


def test_topics_of_another_entry_are_refused() -> None:
    row, matched = make_row(4)
    with pytest.raises(ValidationError, match="entry 4 came with the topics of entry 5"):
        validate_entries([(row, replace(matched, entry_number=5))])


def test_empty_batch_has_no_results() -> None:
    validation = validate_entries([])
    assert (validation.accepted, validation.failed, validation.results) == ((), (), ())


def _run(code: str, home: Path) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "HOME": str(home), "TMPDIR": str(home), "PYTHONDONTWRITEBYTECODE": "1"}
    env["PYTHONPATH"] = str(TESTS)
    command = [sys.executable, "-c", code]
    return subprocess.run(command, env=env, cwd=home, capture_output=True, text=True, check=False)


def test_empty_batch_does_not_import_great_expectations(tmp_path: Path) -> None:
    code = """
import sys
from silkwire.validate import validate_entries
validate_entries([])
assert not {"great_expectations", "pandas"} & set(sys.modules)
"""
    assert _run(code, tmp_path).stderr == ""


def test_validation_says_nothing_writes_nothing_and_calls_nobody(tmp_path: Path) -> None:
    code = """
import sys
def watch(event, args):
    if event in ("socket.connect", "socket.getaddrinfo"):
        raise SystemExit(f"it calls {args}")
sys.addaudithook(watch)
from helpers.bad_records import BAD_RECORDS, make_row
from silkwire.validate import validate_entries
change, _ = BAD_RECORDS["six things wrong at once"]
assert len(validate_entries([make_row(0), change(make_row(1))]).failed) == 1
"""
    done = _run(code, tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert list(tmp_path.iterdir()) == []


TEXTS = st.none() | st.text(st.characters(), max_size=30) | st.just("plain title")
NUMBERS = st.floats() | st.integers(-(2**70), 2**70) | st.just(0.5)
ENTRIES = st.builds(
    ParsedEntry,
    position=st.integers(-1, 2**70),
    guid=TEXTS,
    url=TEXTS | st.just("https://news.example/"),
    canonical_url=TEXTS | st.just("https://news.example/"),
    title=TEXTS,
    summary=TEXTS,
    body=TEXTS,
    authors=st.tuples(st.text(max_size=5)),
    published_at=st.none() | st.datetimes(timezones=st.just(UTC)),
    published_raw=TEXTS,
    published_precision=TEXTS,
    language=TEXTS,
    language_confidence=st.none() | NUMBERS,
    enclosures=st.tuples(st.builds(Enclosure, st.text(), st.none(), st.none() | st.integers())),
    problems=st.tuples(st.text(max_size=5)),
)
SPANS = st.integers(-3, 40)
DECISIONS = st.builds(
    TopicDecision,
    topic=st.text(max_size=3),
    is_match=st.booleans(),
    score=NUMBERS,
    evidence=st.lists(
        st.builds(
            Evidence, st.sampled_from(["title", "body", "?"]), SPANS, SPANS, st.text(), st.text()
        ),
        max_size=2,
    ).map(tuple),
    factors=st.lists(st.builds(Factor, st.text(), NUMBERS), max_size=1).map(tuple),
)


@st.composite
def batches(draw: st.DrawFn) -> list[Row]:
    numbers = draw(st.lists(st.integers(0, 2**62), unique=True, max_size=30))
    rows = []
    for number in numbers:
        identified = IdentifiedEntry(
            draw(ENTRIES),
            draw(st.sampled_from(Identity)),
            draw(st.sampled_from(["", "ab" * 32, f"{number:064x}"])),
            (),
            "ab" * 32,
        )
        row = EntryBatchRow(
            number, draw(st.integers(1, 3)), datetime(2026, 11, 23, tzinfo=UTC), identified
        )
        rows.append((row, MatchedEntry(number, draw(st.lists(DECISIONS, max_size=2).map(tuple)))))
    return rows


@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
@given(batches(), st.sampled_from([12, 100]))
def test_accepted_and_failed_are_the_input_whatever_comes(rows: list[Row], chunk_rows: int) -> None:
    validation = validate_entries(rows, chunk_rows=chunk_rows)
    failed = [failing.entry_number for failing in validation.failed]
    assert sorted([*validation.accepted, *failed]) == sorted(row.entry_number for row, _ in rows)
    assert all(failing.reasons for failing in validation.failed)
    for reason in (r for failing in validation.failed for r in failing.reasons):
        (reason.value or "").encode()


def test_chunks_do_not_change_the_results() -> None:
    changes = [change for change, _ in BAD_RECORDS.values()][:12]
    rows = [change(make_row(number)) for number, change in enumerate(changes)]
    assert validate_entries(rows, chunk_rows=5).failed == validate_entries(rows).failed
