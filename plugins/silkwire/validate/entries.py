"""Judge a batch of entries: which records fail, for which reasons, in chunks of bounded memory."""

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
from silkwire.validate.engine.gx import Judgement
from silkwire.validate.engine.process import ask_judge, write_question
from silkwire.validate.facts import EntryFacts, describe_entry
from silkwire.validate.suites.checks import Check, refuse_unknown_columns
from silkwire.validate.suites.entry import ENTRY_SUITE, KEY_SUITE
from silkwire.validate.suites.predicates import show_value

SUITE_NAME = "entry"
KEY_COLUMNS = ("feed_key", "identity_hash")
Keys = dict[int, tuple[int, str]]
Chunk = dict[int, EntryFacts]
Reasons = dict[int, list[Reason]]


@dataclass(frozen=True, slots=True)
class Validation:
    """What Great Expectations says of a batch: `accepted` and `failed` are all its entries."""

    accepted: tuple[int, ...]
    """Entry numbers, in the order given."""
    failed: tuple[FailedEntry, ...]
    """Every record that fails, with every reason, by entry number."""
    results: tuple[ExpectationResult, ...]
    """One for each expectation, summed over the chunks; none for an empty batch."""
    undated_count: int = 0
    """Entries without a publication date."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """A suite, and what it is to judge: values of `columns` by entry number."""

    suite: tuple[Check, ...]
    facts: Mapping[int, Any]
    columns: Sequence[str]


def validate_entries(
    rows: Iterable[tuple[EntryBatchRow, MatchedEntry]], *, chunk_rows: int = 34_000
) -> Validation:
    """Judge `rows` with the `entry` suite; memory grows with a chunk and with what fails.

    Raises ValidationError if Great Expectations cannot judge, if a row and its match are of
    different entries, or if an entry number comes twice.
    """
    refuse_unknown_columns((*ENTRY_SUITE, *KEY_SUITE), EntryFacts._fields)
    keys: Keys = {}
    reasons: Reasons = defaultdict(list)
    totals: dict[str, ExpectationResult] = {}
    undated_count = 0
    for asked, judgements in _judge(_list_questions(rows, chunk_rows, keys)):
        if asked.suite is ENTRY_SUITE:
            undated_count += sum(facts.published_at is None for facts in asked.facts.values())
        _note(judgements, asked, reasons, totals)
    failed = tuple(FailedEntry(number, tuple(reasons[number])) for number in sorted(reasons))
    accepted = tuple(number for number in keys if number not in reasons)
    _refuse_loss(keys, accepted, failed)
    return Validation(accepted, failed, tuple(totals.values()), undated_count)


def _list_questions(
    rows: Iterable[tuple[EntryBatchRow, MatchedEntry]], chunk_rows: int, keys: Keys
) -> Iterator[_Asked]:
    """The facts of the rows, chunk by chunk, then their keys, which are added to `keys`."""
    source = iter(rows)
    while chunk := _read_chunk(source, chunk_rows, keys):
        yield _Asked(ENTRY_SUITE, chunk, EntryFacts._fields)
    if keys:
        yield _Asked(KEY_SUITE, keys, KEY_COLUMNS)


def _judge(questions: Iterable[_Asked]) -> Iterator[tuple[_Asked, Sequence[Judgement]]]:
    """Each question with its answer; the next one is read meanwhile."""
    with ThreadPoolExecutor(1, "silkwire-judge") as judge:
        waiting = None
        for asked in questions:
            question = write_question(
                asked.suite, asked.facts, asked.columns, EntryFacts.__annotations__
            )
            answer = judge.submit(ask_judge, question)
            del question  # of megabytes; the thread holds it as long as it needs it
            if waiting is not None:
                yield waiting[0], waiting[1].result()
            waiting = asked, answer
        if waiting is not None:
            yield waiting[0], waiting[1].result()


def _read_chunk(
    source: Iterator[tuple[EntryBatchRow, MatchedEntry]], chunk_rows: int, keys: Keys
) -> Chunk:
    chunk: Chunk = {}
    for row, matched in islice(source, chunk_rows):
        number = row.entry_number
        if matched.entry_number != number:
            raise ValidationError(
                f"entry {number} came with the topics of entry {matched.entry_number}"
            )
        if number in keys:
            raise ValidationError(f"entry {number} came twice in one batch")
        keys[number] = (row.feed_key, row.identified.identity_hash)
        chunk[number] = describe_entry(row, matched)
    return chunk


def _note(
    judgements: Iterable[Judgement],
    asked: _Asked,
    reasons: Reasons,
    totals: dict[str, ExpectationResult],
) -> None:
    """Add what was found in the facts that were asked about."""
    for judgement in judgements:
        check = judgement.check
        shown = asked.columns.index(check.shows or check.judged[0])
        for number in judgement.failing:
            value = show_value(asked.facts[number][shown])
            reasons[number].append(Reason(check.name, check.column, value, check.rule))
        _add_result(totals, check, judgement.element_count, len(judgement.failing))


def _add_result(
    totals: dict[str, ExpectationResult], check: Check, element_count: int, unexpected_count: int
) -> None:
    so_far = totals.get(check.name) or ExpectationResult(
        SUITE_NAME, check.name, check.column, True, 0, 0
    )
    totals[check.name] = replace(
        so_far,
        is_success=so_far.is_success and not unexpected_count,
        element_count=so_far.element_count + element_count,
        unexpected_count=so_far.unexpected_count + unexpected_count,
    )


def _refuse_loss(
    keys: dict[int, Any], accepted: Sequence[int], failed: Sequence[FailedEntry]
) -> None:
    failed_numbers = {entry.entry_number for entry in failed}
    if not failed_numbers.isdisjoint(accepted) or failed_numbers.union(accepted) != keys.keys():
        raise ValidationError("accepted and failed entries are not all the entries of the batch")
