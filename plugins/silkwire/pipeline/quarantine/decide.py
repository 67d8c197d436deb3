"""A person's decision on single records of the quarantine. Each takes effect once.

The records of one decision are a batch of their own (trigger `review`), so that the batches that
set them aside keep their counts, and what a release loads is counted, linked and told like anything
else. It is begun before it is decided: one whose runner died in between is abandoned by whoever
comes next, in the archive too.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from sqlalchemy import Connection

from silkwire.load import lock_loads
from silkwire.pipeline.batch.archive_notes import archive_decision, archive_ruleset
from silkwire.pipeline.batch.context import Context
from silkwire.pipeline.batch.plan import name_batch
from silkwire.pipeline.batch.progress import SILENT, Progress
from silkwire.pipeline.batch.recover import finish_expired_batches
from silkwire.pipeline.quarantine.candidates import (
    Candidate,
    Refused,
    read_candidate,
    refer_to,
    refuse_decided,
    split_waves,
)
from silkwire.pipeline.quarantine.load import find_late, load_records
from silkwire.topics import Ruleset, load_ruleset
from silkwire.warehouse.tables import batches, quarantine
from silkwire.warehouse.tables.quarantine import QuarantinedRecord

CHUNK = 1_000
"""Records of one transaction: they are in memory with all their texts."""


@dataclass(frozen=True, slots=True)
class DecidedRecord:
    """What became of one record."""

    quarantine_key: int
    outcome: str
    """`rejected`; or, released: `inserted`, `revised`, `variant`, `unchanged` (the warehouse has
    this text already), `off_topic` (by the rules in force)."""


@dataclass(slots=True)
class RecordsReport:
    """What was decided; printed by `silkwire quarantine` as it stands."""

    batches: list[str] = field(default_factory=list)
    records: list[DecidedRecord] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)


def release_records(
    ctx: Context, keys: Iterable[int], *, reviewer: str, progress: Progress = SILENT
) -> RecordsReport:
    """Load these records although they failed validation; the rules decide on their topics.

    Those that cannot be loaded, or that somebody has decided on, are in the report.
    """
    ruleset = load_ruleset(ctx.settings.config_dir)
    report = RecordsReport()
    for records in read_open(ctx, keys, report.refused):
        found = [read_candidate(record, ruleset) for record in records]
        report.refused += [one for one in found if isinstance(one, Refused)]
        for wave in split_waves(one for one in found if isinstance(one, Candidate)):
            _release(ctx, wave, ruleset, reviewer, report)
        progress.advance(len(records))
    return report


def reject_records(
    ctx: Context, keys: Iterable[int], *, reviewer: str, progress: Progress = SILENT
) -> RecordsReport:
    """Keep these records out for good, however often their feeds show them."""
    report = RecordsReport()
    for records in read_open(ctx, keys, report.refused):
        _reject(ctx, records, reviewer, report)
        progress.advance(len(records))
    return report


def _release(
    ctx: Context, wave: list[Candidate], ruleset: Ruleset, reviewer: str, report: RecordsReport
) -> None:
    with begin_review(ctx, ruleset) as batch_id, ctx.engine.begin() as conn:
        still_open = keep_open(conn, [one.record for one in wave], report.refused)
        late = find_late(conn, wave)
        report.refused += late
        left = still_open - {one.quarantine_key for one in late}
        chosen = [one for one in wave if one.record.quarantine_key in left]
        if not chosen:
            end_empty(ctx, conn, batch_id)
            return
        now, records = ctx.now(), [one.record for one in chosen]
        fates = load_records(
            ctx, conn, batch_id, chosen, ruleset=ruleset.version, reviewer=reviewer, now=now
        )
        quarantine.sign_records(
            conn,
            [record.quarantine_key for record in records],
            status=quarantine.RELEASED,
            reviewer=reviewer,
            now=now,
        )
        archive_decision(ctx, conn, batch_id, records=map(refer_to, records))
    report.batches.append(batch_id)
    report.records += [
        DecidedRecord(record.quarantine_key, fate)
        for record, fate in zip(records, fates, strict=True)
    ]


def _reject(
    ctx: Context, records: Sequence[QuarantinedRecord], reviewer: str, report: RecordsReport
) -> None:
    with begin_review(ctx) as batch_id, ctx.engine.begin() as conn:
        still_open = keep_open(conn, records, report.refused)
        chosen = [record for record in records if record.quarantine_key in still_open]
        if not chosen:
            end_empty(ctx, conn, batch_id)
            return
        now, keys = ctx.now(), [record.quarantine_key for record in chosen]
        quarantine.sign_records(conn, keys, status=quarantine.REJECTED, reviewer=reviewer, now=now)
        batches.finish_rejection(conn, batch_id, len(keys), reviewer=reviewer, now=now)
        archive_decision(ctx, conn, batch_id, records=map(refer_to, chosen))
    report.batches.append(batch_id)
    report.records += [DecidedRecord(key, quarantine.REJECTED) for key in keys]


@contextmanager
def begin_review(ctx: Context, ruleset: Ruleset | None = None) -> Iterator[str]:
    """The id of a new batch of trigger `review`, held by this process for as long as it lives."""
    batch_id = name_batch(ctx.now(), None)
    with batches.hold_lock(ctx.engine, f"run {batch_id}", is_waiting=True):
        with ctx.engine.begin() as conn:
            batches.begin_batch(
                conn,
                batch_id,
                trigger=batches.REVIEW,
                is_listed_feeds=False,
                now=ctx.now(),
                lease=ctx.lease,
            )
            plan = {"shards": 0, "due": 0, "skipped": 0}
            batches.save_step_report(conn, batch_id, "plan", plan)
            if ruleset is not None:
                batches.save_step_report(conn, batch_id, "match", {"ruleset": ruleset.version})
        if ruleset is not None:
            archive_ruleset(ctx, batch_id, ruleset.version)
        yield batch_id


def end_empty(ctx: Context, conn: Connection, batch_id: str) -> None:
    """All that it was begun for was decided elsewhere, or cannot be decided."""
    reason = "nothing was left to decide"
    batches.abandon_batch(conn, batch_id, reason=reason, now=ctx.now())


def read_open(
    ctx: Context, keys: Iterable[int], refused: list[Refused]
) -> Iterator[tuple[QuarantinedRecord, ...]]:
    """Chunks of open records in the order of their keys; `refused` says why others are not."""
    finish_expired_batches(ctx, trigger=batches.REVIEW)
    wanted = sorted(set(keys))
    for start in range(0, len(wanted), CHUNK):
        chunk = wanted[start : start + CHUNK]
        with ctx.engine.begin() as conn:
            records = quarantine.read_records(conn, chunk)
        missing = set(chunk) - {record.quarantine_key for record in records}
        refused += [Refused(key, "there is no such record") for key in sorted(missing)]
        known = [one for one in map(refuse_decided, records) if one is not None]
        refused += known
        decided = {one.quarantine_key for one in known}
        if left := tuple(r for r in records if r.quarantine_key not in decided):
            yield left


def keep_open(
    conn: Connection, records: Sequence[QuarantinedRecord], refused: list[Refused]
) -> set[int]:
    """Lock the records; those that somebody has decided on meanwhile are refused."""
    lock_loads(conn)
    locked = quarantine.lock_records(conn, [record.quarantine_key for record in records])
    known = [one for one in map(refuse_decided, locked) if one is not None]
    refused += known
    decided = {one.quarantine_key for one in known}
    return {record.quarantine_key for record in locked} - decided
