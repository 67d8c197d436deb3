"""What a reviewer is shown of a held batch, as Markdown: why it is held, and samples of records.

Every text of a publisher stands in a code span, in which Markdown, HTML and addresses are letters.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Row, text

from silkwire.pipeline.batch.context import Context
from silkwire.pipeline.held.entries import HeldRecord, read_held
from silkwire.pipeline.upkeep.task_log import escape_line
from silkwire.warehouse.tables import batches

MAX_SAMPLES = 10
"""Records shown of each kind."""
MAX_CHARACTERS = 300
"""Shown of a title or an address."""

_RESULTS = text("""
SELECT suite, expectation, unexpected_count, element_count FROM ops.expectation_result
WHERE batch_id = :batch_id AND NOT is_success ORDER BY expectation_number
""")


def describe_held_batch(ctx: Context, batch_id: str) -> str:
    """The page as Markdown. Raises BatchError if the batch is not held, or its files are gone."""
    with ctx.engine.begin() as conn:
        batch = batches.get_batch(conn, batch_id)
        results = conn.execute(_RESULTS, {"batch_id": batch_id}).all()
    failing, sound = _read_samples(ctx, batch_id)
    return "\n".join(write_page(batch, results, failing, sound))


def write_page(
    batch: batches.Batch,
    results: Sequence[Row[Any]],
    failing: Sequence[HeldRecord],
    sound: Sequence[HeldRecord],
) -> Iterator[str]:
    """Line by line. Pure."""
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
        "**Release** loads the batch as it is, what fails goes to the quarantine. **Reject** keeps"
        " all of it out, and its feeds are read anew. It waits until somebody decides. To load all"
        f" but some records: `silkwire quarantine release {batch.batch_id} --except NUMBER`."
    )
    yield from _list("Expectations that fail", map(_describe_result, results))
    yield from _list("Records that fail", map(_describe_record, failing))
    yield from _list("Records that would be loaded or are known", map(_describe_record, sound))


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


def _describe_record(record: HeldRecord) -> str:
    title = quote(record.title) if record.title else "(no title)"
    address = f", {quote(record.entry_url)}" if record.entry_url else ""
    fails = f"; fails: {', '.join(record.reasons)}" if record.reasons else ""
    return f"#{record.entry_number} {title}, {quote(record.feed_url)}{address}{fails}"


def _read_samples(ctx: Context, batch_id: str) -> tuple[list[HeldRecord], list[HeldRecord]]:
    """Of the records that fail, and of those on a topic that do not, the first ones each."""
    failing: list[HeldRecord] = []
    sound: list[HeldRecord] = []
    for record in read_held(ctx, batch_id):
        kind = failing if record.reasons else sound
        if len(kind) < MAX_SAMPLES:
            kind.append(record)
        if len(failing) == len(sound) == MAX_SAMPLES:
            break
    return failing, sound
