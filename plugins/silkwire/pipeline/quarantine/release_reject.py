"""A person releases or rejects single records. Each decision takes effect once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from silkwire.pipeline.batch.archive_notes import archive_decision
from silkwire.pipeline.batch.context import Context
from silkwire.pipeline.batch.progress import SILENT, Progress
from silkwire.pipeline.quarantine.candidates import (
    Candidate,
    Refused,
    read_candidate,
    refer_to,
    split_rounds,
)
from silkwire.pipeline.quarantine.release import (
    begin_records_batch,
    end_empty,
    lock_open,
    read_open,
    release_round,
)
from silkwire.topics import load_ruleset
from silkwire.warehouse.tables import batches, quarantine
from silkwire.warehouse.tables.quarantine import QuarantinedRecord


@dataclass(frozen=True, slots=True)
class DecidedRecord:
    """What became of one record."""

    quarantine_key: int
    outcome: str
    """`rejected`; or, released: `inserted`, `revised`, `variant`, `unchanged` (the warehouse has
    this text already), `off_topic` (by the rules in force)."""


@dataclass(slots=True)
class RecordsReport:
    """What was decided; `silkwire quarantine` prints these fields."""

    batches: list[str] = field(default_factory=list)
    records: list[DecidedRecord] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)


def release_records(
    ctx: Context, keys: Iterable[int], *, reviewer: str, progress: Progress = SILENT
) -> RecordsReport:
    """Load these records although they failed validation; the rules decide on their topics.

    Records that cannot be loaded, or that somebody has decided on, are in `refused`.
    """
    ruleset = load_ruleset(ctx.settings.config_dir)
    report = RecordsReport()
    for records in read_open(ctx, keys, report.refused):
        found = [read_candidate(record, ruleset) for record in records]
        report.refused += [one for one in found if isinstance(one, Refused)]
        for candidates in split_rounds(one for one in found if isinstance(one, Candidate)):
            release = release_round(
                ctx, candidates, ruleset, trigger=batches.REVIEW, reviewer=reviewer
            )
            report.refused += [*release.decided, *release.late]
            report.batches += filter(None, [release.batch_id])
            report.records += [
                DecidedRecord(one.record.quarantine_key, outcome)
                for one, outcome in release.outcomes
            ]
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


def _reject(
    ctx: Context, records: Sequence[QuarantinedRecord], reviewer: str, report: RecordsReport
) -> None:
    with begin_records_batch(ctx, batches.REVIEW) as batch_id, ctx.engine.begin() as conn:
        still_open, decided = lock_open(conn, records)
        report.refused += decided
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
