"""The page that a reviewer decides on, in Markdown: why a batch is held, and sample records.

Publishers' texts stand in code spans, so that no Markdown, HTML or url in them takes effect.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Row

from silkwire.pipeline.batch.context import Context
from silkwire.pipeline.held.entries import HeldRecord, read_held
from silkwire.pipeline.upkeep.task_log import escape_line, read_failed_expectations
from silkwire.warehouse.tables import batches

MAX_SAMPLES = 10
"""The number of failing records shown, and of passing records shown."""
MAX_CHARACTERS = 300
"""Longer titles and urls are cut."""


def describe_held_batch(ctx: Context, batch_id: str) -> str:
    """Write the page. Raises BatchError if the batch is not held or its files are missing."""
    with ctx.engine.begin() as conn:
        batch = batches.get_batch(conn, batch_id)
        failures = read_failed_expectations(conn, batch_id)
    failing, passing = _read_samples(ctx, batch_id)
    return "\n".join(_write_lines(batch, failures, failing, passing))


def _write_lines(
    batch: batches.Batch,
    failures: Sequence[Row[Any]],
    failing: Sequence[HeldRecord],
    passing: Sequence[HeldRecord],
) -> Iterator[str]:
    entries = batch.entries
    yield f"**Why it is held:** {batch.verdict_reason or 'no reason was kept'}."
    yield ""
    yield (
        f"Of {entries.fetched:,} entries, {entries.accepted:,} would be loaded,"
        f" {entries.unchanged:,} are known, {entries.off_topic:,} are off topic and"
        f" {entries.quarantined:,} are for the quarantine."
    )
    yield ""
    yield (
        "**Release** loads the batch and puts the records that fail into quarantine. **Reject**"
        " loads nothing, and its feeds are fetched again in full. The batch waits until somebody"
        " decides. To load all but some records:"
        f" `silkwire quarantine release {batch.batch_id} --except NUMBER`."
    )
    yield from _list("Expectations that fail", map(_describe_failure, failures))
    yield from _list("Records that fail", map(_describe_record, failing))
    yield from _list("Records that would be loaded or are known", map(_describe_record, passing))


def quote(words: str) -> str:
    """A publisher's text as a code span (CommonMark §6.1), on one line and cut if it is long.

    A code span ends only at a run of exactly as many backticks as it began with, so it gets one
    backtick more than the longest run in the text.
    """
    line = escape_line(" ".join(words.split()))
    if len(line) > MAX_CHARACTERS:
        line = line[:MAX_CHARACTERS] + "…"
    longest = max((len(run) for run in re.findall("`+", line)), default=0)
    fence = "`" * (longest + 1)
    # Renderers strip these two spaces, which keep the text's own backticks apart from the fence.
    return f"{fence} {line} {fence}"


def _list(heading: str, lines: Iterator[str]) -> Iterator[str]:
    items = [f"- {line}" for line in lines]
    if items:
        yield from ("", f"**{heading}**", "", *items)


def _describe_failure(row: Row[Any]) -> str:
    name = f"`{row.suite}.{row.expectation}`"
    return f"{name} fails for {row.unexpected_count:,} of {row.element_count:,}"


def _describe_record(record: HeldRecord) -> str:
    title = quote(record.title) if record.title else "(no title)"
    url = f", {quote(record.entry_url)}" if record.entry_url else ""
    fails = f"; fails: {', '.join(record.reasons)}" if record.reasons else ""
    return f"#{record.entry_number} {title}, {quote(record.feed_url)}{url}{fails}"


def _read_samples(ctx: Context, batch_id: str) -> tuple[list[HeldRecord], list[HeldRecord]]:
    """The first records that fail, and the first that are on topic and pass."""
    failing: list[HeldRecord] = []
    passing: list[HeldRecord] = []
    for record in read_held(ctx, batch_id):
        samples = failing if record.reasons else passing
        if len(samples) < MAX_SAMPLES:
            samples.append(record)
        if len(failing) == len(passing) == MAX_SAMPLES:
            break
    return failing, passing
