"""Judge a batch of entries: which records fail, for which reasons, in chunks of bounded memory."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
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
from silkwire.validate.checks import Check, refuse_unknown_columns
from silkwire.validate.facts import EntryFacts, describe_entry
from silkwire.validate.gx import Judgement
from silkwire.validate.judge import ask_judge, judge_facts, write_question
from silkwire.validate.predicates import show_value
from silkwire.validate.suite import ENTRY_SUITE, KEY_SUITE

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


def validate_entries(
    rows: Iterable[tuple[EntryBatchRow, MatchedEntry]], *, chunk_rows: int = 25_000
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
    for chunk, judgements in _judge_chunks(_read_chunks(rows, chunk_rows, keys)):
        undated_count += sum(facts.published_at is None for facts in chunk.values())
        _note(judgements, chunk, EntryFacts._fields, reasons, totals)
    if keys:
        judgements = judge_facts(KEY_SUITE, keys, KEY_COLUMNS, EntryFacts.__annotations__)
        _note(judgements, keys, KEY_COLUMNS, reasons, totals)
    failed = tuple(FailedEntry(number, tuple(reasons[number])) for number in sorted(reasons))
    accepted = tuple(number for number in keys if number not in reasons)
    _refuse_loss(keys, accepted, failed)
    return Validation(accepted, failed, tuple(totals.values()), undated_count)


def _judge_chunks(chunks: Iterable[Chunk]) -> Iterator[tuple[Chunk, Sequence[Judgement]]]:
    """Each chunk with what the suite finds in it; the next one is read meanwhile."""
    columns, kinds = EntryFacts._fields, EntryFacts.__annotations__
    with ThreadPoolExecutor(1, "silkwire-judge") as judge:
        asked = None
        for chunk in chunks:
            question = write_question(ENTRY_SUITE, chunk, columns, kinds)
            answer = judge.submit(ask_judge, question)
            del question  # of megabytes; the thread holds it as long as it needs it
            if asked is not None:
                yield asked[0], asked[1].result()
            asked = chunk, answer
        if asked is not None:
            yield asked[0], asked[1].result()


def _read_chunks(
    rows: Iterable[tuple[EntryBatchRow, MatchedEntry]], chunk_rows: int, keys: Keys
) -> Iterator[Chunk]:
    """The facts of the rows by entry number; their keys are added to `keys`."""
    source = iter(rows)
    while chunk := _read_chunk(source, chunk_rows, keys):
        yield chunk


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
    facts: dict[int, Any],
    columns: Sequence[str],
    reasons: Reasons,
    totals: dict[str, ExpectationResult],
) -> None:
    """Add what was found in `facts` (tuples of `columns` by entry number)."""
    for judgement in judgements:
        check = judgement.check
        shown = columns.index(check.shows or check.judged[0])
        for number in judgement.failing:
            value = show_value(facts[number][shown])
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
