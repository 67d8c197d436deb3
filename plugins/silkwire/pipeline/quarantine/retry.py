"""Open records of the quarantine through the pipeline again, after a fix of rules or parser.

In chunks, so that memory does not grow with how many there are; a run that was killed has done the
chunks that it has done, and is simply run again.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy import Connection

from silkwire.load import encode_payload
from silkwire.pipeline.batch.archive_notes import archive_decision
from silkwire.pipeline.batch.context import Context
from silkwire.pipeline.batch.match import match_entry
from silkwire.pipeline.batch.progress import SILENT, Progress
from silkwire.pipeline.quarantine.candidates import (
    Candidate,
    Refused,
    fingerprint,
    is_lost,
    refer_to,
    split_waves,
)
from silkwire.pipeline.quarantine.decide import (
    CHUNK,
    begin_review,
    end_empty,
    keep_open,
    read_open,
)
from silkwire.pipeline.quarantine.load import QUARANTINED, find_late, judge, load_records
from silkwire.pipeline.quarantine.reread import Reading, reread
from silkwire.topics import Ruleset, load_ruleset
from silkwire.warehouse.tables import quarantine
from silkwire.warehouse.tables.quarantine import QuarantinedRecord


@dataclass(slots=True)
class RetryReport:
    """`tried` = released + failing + unread + late + those of `refused` that there are."""

    tried: int = 0
    released: int = 0
    failing: int = 0
    """Open as before, with the reasons of today."""
    unread: int = 0
    """The parser does not find them in their document (still), so nothing new is known."""
    late: int = 0
    """Their feeds have shown a later text since."""
    outcomes: dict[str, int] = field(default_factory=dict)
    """What became of the entries that were loaded: `inserted`, `revised`, `variant`, `unchanged`,
    `off_topic`."""
    batches: list[str] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)


def retry_records(
    ctx: Context,
    keys: Iterable[int] | None = None,
    *,
    reason: str | None = None,
    progress: Progress = SILENT,
) -> RetryReport:
    """Have these open records, or all (that fail this expectation), read, matched, judged and
    loaded anew; those that pass are released by `retry`."""
    ruleset = load_ruleset(ctx.settings.config_dir)
    report = RetryReport()
    for records in _read_chunks(ctx, keys, reason, report, progress):
        report.tried += len(records)
        readings = reread(ctx, records)
        report.unread += sum(not reading.is_read for reading in readings)
        # Lost entries that have been seen since: nothing is left to load.
        empty = [one.record for one in readings if one.is_read and not one.entries]
        waves = split_waves(_list_candidates(readings, ruleset)) or [[]]
        for number, wave in enumerate(waves):
            judged = judge(wave)
            chosen = [one for one in judged if not _stays_out(one)]
            _load(ctx, chosen, empty if number == 0 else [], ruleset, report)
            _renew(ctx, [one for one in judged if _stays_out(one)], report)
        progress.advance(len(records))
    progress.finish(f"{report.released} released, {report.failing} fail")
    return report


def _read_chunks(
    ctx: Context,
    keys: Iterable[int] | None,
    reason: str | None,
    report: RetryReport,
    progress: Progress,
) -> Iterator[tuple[QuarantinedRecord, ...]]:
    if keys is not None:
        wanted = set(keys)
        progress.start("retry", len(wanted))
        yield from read_open(ctx, wanted, report.refused)
        return
    with ctx.engine.begin() as conn:
        count, until = quarantine.find_open(conn, reason=reason)
    progress.start("retry", count)
    after = 0
    while True:
        with ctx.engine.begin() as conn:
            chunk = quarantine.read_open_keys(
                conn, reason=reason, after=after, until=until, limit=CHUNK
            )
        if not chunk:
            return
        yield from read_open(ctx, chunk, report.refused)
        after = chunk[-1]


def _list_candidates(readings: Iterable[Reading], ruleset: Ruleset) -> Iterator[Candidate]:
    for reading in readings:
        record = reading.record
        for named in reading.entries:
            decisions = match_entry(named.entry, ruleset, dedicated=record.feed_topics)
            yield Candidate(record, named, decisions, is_recovered=is_lost(record))


def _stays_out(one: Candidate) -> bool:
    """What fails and is on no topic goes through the load, which tells whether it is off topic."""
    return bool(one.reasons) and one.is_on_topic and not one.is_recovered


def _load(
    ctx: Context,
    candidates: Sequence[Candidate],
    empty: Sequence[QuarantinedRecord],
    ruleset: Ruleset,
    report: RetryReport,
) -> None:
    if not candidates and not empty:
        return
    with begin_review(ctx, ruleset) as batch_id, ctx.engine.begin() as conn:
        records = [*(one.record for one in candidates), *empty]
        still_open = keep_open(conn, records, report.refused)
        late = {one.quarantine_key for one in find_late(conn, candidates)} & still_open
        report.late += len(late)
        left = still_open - late
        if not left:
            end_empty(ctx, conn, batch_id)
            return
        chosen = [one for one in candidates if one.record.quarantine_key in left]
        refreshed = _refresh(conn, chosen)
        now = ctx.now()
        fates = load_records(
            ctx,
            conn,
            batch_id,
            chosen,
            ruleset=ruleset.version,
            reviewer=quarantine.RETRY,
            now=now,
        )
        failing = [
            one
            for one, fate in zip(chosen, fates, strict=True)
            if fate == QUARANTINED and not one.is_recovered
        ]
        _replace_reasons(conn, failing)
        released = sorted(left - {one.record.quarantine_key for one in failing})
        quarantine.sign_records(
            conn, released, status=quarantine.RELEASED, reviewer=quarantine.RETRY, now=now
        )
        by_key = {record.quarantine_key: record for record in (*records, *refreshed)}
        archive_decision(ctx, conn, batch_id, records=[refer_to(by_key[key]) for key in released])
    report.batches.append(batch_id)
    report.released += len(released)
    report.failing += len(failing)
    for fate in fates:
        if fate != QUARANTINED:
            report.outcomes[fate] = report.outcomes.get(fate, 0) + 1


def _renew(ctx: Context, failing: Sequence[Candidate], report: RetryReport) -> None:
    if not failing:
        return
    with ctx.engine.begin() as conn:
        still_open = keep_open(conn, [one.record for one in failing], report.refused)
        chosen = [one for one in failing if one.record.quarantine_key in still_open]
        _refresh(conn, chosen)
        _replace_reasons(conn, chosen)
    report.failing += len(chosen)


def _refresh(conn: Connection, candidates: Iterable[Candidate]) -> list[QuarantinedRecord]:
    """Keep the records as they are read now."""
    refreshed = []
    for one in candidates:
        if one.is_recovered:
            continue
        entry = one.entry.entry
        payload = encode_payload(entry)
        quarantine.refresh_record(
            conn,
            one.record.quarantine_key,
            fingerprint=fingerprint(one.entry),
            title=entry.title,
            entry_url=entry.canonical_url or entry.url,
            payload=payload,
        )
        refreshed.append(replace(one.record, payload=payload))
    return refreshed


def _replace_reasons(conn: Connection, candidates: Iterable[Candidate]) -> None:
    quarantine.replace_reasons(
        conn, ((one.record.quarantine_key, one.reasons) for one in candidates)
    )
