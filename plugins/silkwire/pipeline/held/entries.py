"""The entries of a held batch, which only its files hold, and those that a release leaves out."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, text

from silkwire.archive import RecordReference
from silkwire.errors import BatchError
from silkwire.load import LoadInput
from silkwire.model import EntryBatchRow, Reason
from silkwire.pipeline.batch.context import Context
from silkwire.pipeline.batch.holds import add_failures
from silkwire.pipeline.batch.load import read_load_input
from silkwire.pipeline.quarantine.candidates import fingerprint
from silkwire.warehouse.tables import batches, quarantine


@dataclass(frozen=True, slots=True)
class HeldRecord:
    """An entry of a held batch that a release would load or quarantine."""

    entry_number: int
    """What `release --except` takes; valid in this batch alone."""
    feed_url: str
    title: str | None
    entry_url: str | None
    topics: tuple[str, ...]
    reasons: tuple[str, ...]
    """The expectations that the entry fails, as sentences."""


def read_held(ctx: Context, batch_id: str) -> Iterator[HeldRecord]:
    """The batch's entries that are on topic or fail. Raises BatchError if it is not held."""
    with ctx.engine.begin() as conn:
        batch = batches.get_batch(conn, batch_id)
        feed_urls = _read_feed_urls(conn)
    batches.require_held(batch)
    held = read_load_input(ctx.folder(batch_id), batch)
    failed = {record.entry_number: record.reasons for record in held.failed}
    for row, matched in held.rows():
        topics = tuple(one.topic for one in matched.decisions if one.is_match)
        reasons = tuple(reason.rule for reason in failed.get(row.entry_number, ()))
        if topics or reasons:
            entry = row.identified.entry
            url = entry.canonical_url or entry.url
            feed_url = feed_urls[row.feed_key]
            yield HeldRecord(row.entry_number, feed_url, entry.title, url, topics, reasons)


def leave_out(held: LoadInput, numbers: Collection[int], *, reviewer: str) -> LoadInput:
    """The same batch, in which the entries that the reviewer left out count as failed. Pure."""
    kept_out = Reason(
        "reviewer_lets_it_in", None, None, f"{reviewer} left it out when its batch was released"
    )
    return add_failures(held, dict.fromkeys(numbers, (kept_out,)))


def reject_left_out(
    conn: Connection, held: LoadInput, numbers: Collection[int], *, reviewer: str, now: datetime
) -> list[RecordReference]:
    """Reject the left-out entries, after the rest is loaded; return references to them for a
    replay.

    Raises BatchError if there is no such entry.
    """
    rows = _find_rows(held, numbers)
    keys = quarantine.find_keys(
        conn, [row.feed_key for row in rows], [fingerprint(row.identified) for row in rows]
    )
    quarantine.sign_records(conn, keys, status=quarantine.REJECTED, reviewer=reviewer, now=now)
    feed_urls = _read_feed_urls(conn)
    return [_refer(row, feed_urls[row.feed_key]) for row in rows]


def find_numbers(ctx: Context, batch_id: str, references: Collection[RecordReference]) -> list[int]:
    """The numbers, in this batch, of the entries that these references name."""
    if not references:
        return []
    with ctx.engine.begin() as conn:
        batch = batches.get_batch(conn, batch_id)
        feed_urls = _read_feed_urls(conn)
    held = read_load_input(ctx.folder(batch_id), batch)
    wanted = set(references)
    return [
        row.entry_number for row, _ in held.rows() if _refer(row, feed_urls[row.feed_key]) in wanted
    ]


def _find_rows(held: LoadInput, numbers: Collection[int]) -> Sequence[EntryBatchRow]:
    wanted = set(numbers)
    rows = [row for row, _ in held.rows() if row.entry_number in wanted]
    if missing := sorted(wanted - {row.entry_number for row in rows}):
        raise BatchError(f"the batch holds no entry {missing[0]}: `silkwire quarantine show BATCH`")
    return rows


def _refer(row: EntryBatchRow, feed_url: str) -> RecordReference:
    return RecordReference(feed_url, row.fetched_at, row.identified.entry.position)


def _read_feed_urls(conn: Connection) -> dict[int, str]:
    rows = conn.execute(text("SELECT feed_key, feed_url FROM ops.feed"))
    return {row.feed_key: row.feed_url for row in rows}
