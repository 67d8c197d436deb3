"""Validate the entries of a batch in chunks of bounded memory: which fail, and why."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from silkwire.errors import ValidationError
from silkwire.model import (
    EntryBatchRow,
    ExpectationResult,
    FailedEntry,
    MatchedEntry,
    Reason,
)
from silkwire.validate.engine.gx import CheckResult
from silkwire.validate.engine.process import ask_validator, encode_question
from silkwire.validate.facts import EntryFacts, describe_entry
from silkwire.validate.suites.checks import Check, refuse_unknown_columns
from silkwire.validate.suites.entry import ENTRY_SUITE, KEY_SUITE
from silkwire.validate.suites.predicates import show_value

SUITE_NAME = "entry"
KEY_COLUMNS = ("feed_key", "identity_hash")
MatchedRow = tuple[EntryBatchRow, MatchedEntry]
Keys = dict[int, tuple[int, str]]
Reasons = dict[int, list[Reason]]


@dataclass(frozen=True, slots=True)
class Validation:
    """Great Expectations' results on a batch; each entry is in `accepted` or in `failed`."""

    accepted: tuple[int, ...]
    """Entry numbers, in the order given."""
    failed: tuple[FailedEntry, ...]
    """Every entry that fails, with every reason, by entry number."""
    results: tuple[ExpectationResult, ...]
    """One result for each expectation, summed over the chunks; none for an empty batch."""
    undated_count: int = 0
    """Entries without a publication date."""


@dataclass(frozen=True, slots=True)
class _Chunk:
    """A suite, and the facts to validate with it: values of `columns` by entry number."""

    suite: tuple[Check, ...]
    facts: Mapping[int, Any]
    columns: Sequence[str]


def validate_entries(rows: Iterable[MatchedRow], *, chunk_rows: int = 34_000) -> Validation:
    """Validate `rows` with the `entry` suite. Memory depends on a chunk's size and on the failures.

    Raises ValidationError if an expectation itself fails, if a row and its match are of different
    entries, or if an entry number comes twice.
    """
    refuse_unknown_columns((*ENTRY_SUITE, *KEY_SUITE), EntryFacts._fields)
    keys: Keys = {}
    reasons: Reasons = defaultdict(list)
    totals: dict[str, ExpectationResult] = {}
    undated_count = 0
    for chunk, found in _validate_chunks(_read_chunks(rows, chunk_rows, keys)):
        if chunk.suite is ENTRY_SUITE:
            undated_count += sum(facts.published_at is None for facts in chunk.facts.values())
        for result in found:
            _add_reasons(reasons, result, chunk)
            _add_result(totals, result)
    failed = tuple(FailedEntry(number, tuple(reasons[number])) for number in sorted(reasons))
    accepted = tuple(number for number in keys if number not in reasons)
    if len(accepted) + len(failed) != len(keys):
        raise ValidationError("accepted and failed entries are not all the entries of the batch")
    return Validation(accepted, failed, tuple(totals.values()), undated_count)


def _read_chunks(rows: Iterable[MatchedRow], chunk_rows: int, keys: Keys) -> Iterator[_Chunk]:
    """The facts of the rows, chunk by chunk, then their keys, which are added to `keys`."""
    source = iter(rows)
    while facts := _describe_rows(islice(source, chunk_rows), keys):
        yield _Chunk(ENTRY_SUITE, facts, EntryFacts._fields)
    if keys:
        yield _Chunk(KEY_SUITE, keys, KEY_COLUMNS)


def _describe_rows(rows: Iterable[MatchedRow], keys: Keys) -> dict[int, EntryFacts]:
    facts: dict[int, EntryFacts] = {}
    for row, matched in rows:
        number = row.entry_number
        if matched.entry_number != number:
            raise ValidationError(
                f"entry {number} came with the topics of entry {matched.entry_number}"
            )
        if number in keys:
            raise ValidationError(f"entry {number} came twice in one batch")
        keys[number] = (row.feed_key, row.identified.identity_hash)
        facts[number] = describe_entry(row, matched)
    return facts


def _validate_chunks(chunks: Iterable[_Chunk]) -> Iterator[tuple[_Chunk, Sequence[CheckResult]]]:
    """Each chunk with its results; the next chunk is read while one is validated."""
    with ThreadPoolExecutor(1, "silkwire-validate") as thread:
        waiting = None
        for chunk in chunks:
            question = encode_question(
                chunk.suite, chunk.facts, chunk.columns, EntryFacts.__annotations__
            )
            answer = thread.submit(ask_validator, question)
            del question  # it has megabytes; the thread keeps it as long as it needs it
            if waiting is not None:
                yield waiting[0], waiting[1].result()
            waiting = chunk, answer
        if waiting is not None:
            yield waiting[0], waiting[1].result()


def _add_reasons(reasons: Reasons, result: CheckResult, chunk: _Chunk) -> None:
    check = result.check
    shown = chunk.columns.index(check.shown_column)
    for number in result.failing:
        value = show_value(chunk.facts[number][shown])
        reasons[number].append(Reason(check.name, check.column, value, check.rule))


def _add_result(totals: dict[str, ExpectationResult], result: CheckResult) -> None:
    name, failing_count = result.check.name, len(result.failing)
    so_far = totals.get(name) or ExpectationResult(
        SUITE_NAME, name, result.check.column, True, 0, 0
    )
    totals[name] = replace(
        so_far,
        is_success=so_far.is_success and not failing_count,
        element_count=so_far.element_count + result.element_count,
        unexpected_count=so_far.unexpected_count + failing_count,
    )
