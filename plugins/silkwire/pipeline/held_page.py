"""What a reviewer is shown of a held batch, as Markdown: why it is held, and samples of records.

Every text of a publisher stands in a code span, in which Markdown, HTML and addresses are letters.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, text

from silkwire.model import EntryBatchRow, EntryCounts, FailedEntry, Reason
from silkwire.pipeline.context import Context
from silkwire.pipeline.files import FAILED, read_matched
from silkwire.pipeline.lines import escape_line
from silkwire.warehouse import batches

MAX_SAMPLES = 10
"""Records shown of each kind."""
MAX_CHARACTERS = 300
"""Shown of a title or an address."""

_RESULTS = text("""
SELECT suite, expectation, unexpected_count, element_count FROM ops.expectation_result
WHERE batch_id = :batch_id AND NOT is_success ORDER BY expectation_number
""")
_OUTLETS = text("""
SELECT feed_key, coalesce(outlet, feed_url) AS outlet FROM ops.feed WHERE feed_key = ANY(:feed_keys)
""")


@dataclass(frozen=True, slots=True)
class Sample:
    """A record of the batch; `reasons` are those of a failing one."""

    outlet: str
    title: str | None
    url: str | None
    reasons: tuple[Reason, ...] = ()


def describe_held_batch(ctx: Context, batch_id: str) -> str:
    """The page as Markdown. Raises BatchError if the batch's files are gone."""
    with ctx.engine.begin() as conn:
        batch = batches.get_batch(conn, batch_id)
        results = conn.execute(_RESULTS, {"batch_id": batch_id}).all()
    failing, sound = _read_samples(ctx, batch_id)
    return "\n".join(write_page(batch.verdict_reason, batch.entries, results, failing, sound))


def write_page(
    reason: str | None,
    entries: EntryCounts,
    results: Sequence[Row[Any]],
    failing: Sequence[Sample],
    sound: Sequence[Sample],
) -> Iterator[str]:
    """Line by line. Pure."""
    yield f"**Why it is held:** {reason or 'no reason was kept'}."
    yield ""
    yield (
        f"Of {entries.fetched:,} entries, {entries.accepted:,} would be loaded,"
        f" {entries.unchanged:,} are known, {entries.off_topic:,} are off topic and"
        f" {entries.quarantined:,} are for the quarantine."
    )
    yield ""
    yield (
        "**Release** loads the batch as it is, what fails goes to the quarantine. **Reject** keeps"
        " all of it out, and its feeds are read anew. It waits until somebody decides."
    )
    yield from _list("Expectations that fail", map(_describe_result, results))
    yield from _list("Records that fail", map(_describe_sample, failing))
    yield from _list("Records that would be loaded or are known", map(_describe_sample, sound))


def quote(words: str) -> str:
    """A publisher's text as a code span on one line, cut where it is long (CommonMark §6.1).

    It ends only at a run of exactly as many backticks as it began with, so one more than any run
    within will do.
    """
    line = escape_line(" ".join(words.split()))
    if len(line) > MAX_CHARACTERS:
        line = line[:MAX_CHARACTERS] + "…"
    longest = max((len(run) for run in re.findall("`+", line)), default=0)
    fence = "`" * (longest + 1)
    # the spaces are taken off again, and keep its own backticks apart from the fence
    return f"{fence} {line} {fence}"


def _list(heading: str, lines: Iterator[str]) -> Iterator[str]:
    items = [f"- {line}" for line in lines]
    if items:
        yield from ("", f"**{heading}**", "", *items)


def _describe_result(result: Row[Any]) -> str:
    name = f"`{result.suite}.{result.expectation}`"
    return f"{name} fails for {result.unexpected_count:,} of {result.element_count:,}"


def _describe_sample(sample: Sample) -> str:
    title = quote(sample.title) if sample.title else "(no title)"
    address = f", {quote(sample.url)}" if sample.url else ""
    fails = f"; fails: {', '.join(reason.rule for reason in sample.reasons)}"
    return f"{title}, {quote(sample.outlet)}{address}{fails if sample.reasons else ''}"


def _read_samples(ctx: Context, batch_id: str) -> tuple[list[Sample], list[Sample]]:
    """Of the records that fail, and of those on a topic that do not, the first ones each."""
    folder = ctx.folder(batch_id)
    failed = {record.entry_number: record for record in folder.read(FAILED, FailedEntry)}
    failing: list[EntryBatchRow] = []
    sound: list[EntryBatchRow] = []
    for row, matched in read_matched(folder):
        kind = failing if row.entry_number in failed else sound
        is_shown = kind is failing or any(decision.is_match for decision in matched.decisions)
        if is_shown and len(kind) < MAX_SAMPLES:
            kind.append(row)
        if len(failing) == len(sound) == MAX_SAMPLES:
            break
    outlets = _read_outlets(ctx, [row.feed_key for row in (*failing, *sound)])
    return (
        [_sample(row, outlets, failed[row.entry_number].reasons) for row in failing],
        [_sample(row, outlets) for row in sound],
    )


def _read_outlets(ctx: Context, feed_keys: list[int]) -> dict[int, str]:
    with ctx.engine.begin() as conn:
        rows = conn.execute(_OUTLETS, {"feed_keys": feed_keys})
        return {row.feed_key: row.outlet for row in rows}


def _sample(
    row: EntryBatchRow, outlets: Mapping[int, str], reasons: tuple[Reason, ...] = ()
) -> Sample:
    entry = row.identified.entry
    return Sample(outlets[row.feed_key], entry.title, entry.url, reasons)
