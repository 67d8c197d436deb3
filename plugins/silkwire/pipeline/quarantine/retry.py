"""Retry open records after a fix of rules or parser: read, match, validate and load them again.

Records are taken in chunks, so that memory does not grow with their number. A retry that was killed
has finished some chunks; run it again for the rest.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from silkwire.pipeline.batch.context import Context
from silkwire.pipeline.batch.match import match_entry
from silkwire.pipeline.batch.progress import SILENT, Progress
from silkwire.pipeline.quarantine.candidates import Candidate, Refused, is_lost, split_rounds
from silkwire.pipeline.quarantine.load import QUARANTINED, validate_records
from silkwire.pipeline.quarantine.release import (
    CHUNK,
    is_failing,
    lock_open,
    read_open,
    refresh_records,
    release_round,
    replace_reasons,
)
from silkwire.pipeline.quarantine.reread import RereadRecord, reread
from silkwire.topics import Ruleset, load_ruleset
from silkwire.validate import HOLDING_CHECKS
from silkwire.warehouse.tables import batches, quarantine
from silkwire.warehouse.tables.quarantine import QuarantinedRecord


@dataclass(slots=True)
class RetryReport:
    """`tried` = released + failing + unread + late + those `refused` that exist."""

    tried: int = 0
    released: int = 0
    failing: int = 0
    """Records that are still open, with new reasons."""
    unread: int = 0
    """Records that the parser does not find in their document, so they do not change."""
    late: int = 0
    """Records whose feeds have shown a later text since."""
    outcomes: dict[str, int] = field(default_factory=dict)
    """How many loaded entries were `inserted`, `revised`, `variant`, `unchanged`, `off_topic`."""
    batches: list[str] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)


def retry_records(
    ctx: Context,
    keys: Iterable[int] | None = None,
    *,
    reason: str | None = None,
    progress: Progress = SILENT,
) -> RetryReport:
    """Retry these open records, or all, or all that fail the expectation `reason`.

    Those that pass now are released; their reviewer is `retry`.
    """
    ruleset = load_ruleset(ctx.settings.config_dir)
    report = RetryReport()
    for records in _read_chunks(ctx, keys, reason, report, progress):
        report.tried += len(records)
        found = reread(ctx, records)
        report.unread += sum(not one.is_read for one in found)
        # Records of lost entries that the feed has shown again since: nothing is left to load.
        empty = [one.record for one in found if one.is_read and not one.entries]
        rounds = split_rounds(_list_candidates(found, ruleset)) or [[]]
        for number, candidates in enumerate(rounds):
            _retry_round(ctx, candidates, empty if number == 0 else [], ruleset, report)
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


def _list_candidates(found: Iterable[RereadRecord], ruleset: Ruleset) -> Iterator[Candidate]:
    for one in found:
        for named in one.entries:
            decisions = match_entry(named.entry, ruleset, dedicated=one.record.feed_topics)
            yield Candidate(one.record, named, decisions, is_recovered=is_lost(one.record))


def _keep_holds(ctx: Context, candidates: Sequence[Candidate]) -> list[Candidate]:
    """The same candidates; those of a held document still fail what holds it.

    A fix of rules or parser does not say that the document is right: a person does.
    """
    keys = [one.record.quarantine_key for one in candidates]
    with ctx.engine.begin() as conn:
        kept = quarantine.read_reasons(conn, keys, HOLDING_CHECKS)
    return [
        replace(one, reasons=(*one.reasons, *kept.get(one.record.quarantine_key, ())))
        for one in candidates
    ]


def _retry_round(
    ctx: Context,
    candidates: Sequence[Candidate],
    empty: Sequence[QuarantinedRecord],
    ruleset: Ruleset,
    report: RetryReport,
) -> None:
    validated = _keep_holds(ctx, validate_records(candidates))
    # An off-topic entry goes through the load even if it fails: it is off topic, not quarantined.
    failing = [one for one in validated if one.reasons and one.is_on_topic and not one.is_recovered]
    chosen = [one for one in validated if one not in failing]
    if chosen or empty:
        release = release_round(
            ctx,
            chosen,
            ruleset,
            trigger=batches.RETRY,
            reviewer=quarantine.RETRY,
            empty=empty,
            is_reread=True,
        )
        report.refused += release.decided
        report.late += len(release.late)
        report.batches += filter(None, [release.batch_id])
        report.released += len(release.released)
        report.failing += sum(is_failing(one, outcome) for one, outcome in release.outcomes)
        for _, outcome in release.outcomes:
            if outcome != QUARANTINED:
                report.outcomes[outcome] = report.outcomes.get(outcome, 0) + 1
    if failing:
        with ctx.engine.begin() as conn:
            still_open, decided = lock_open(conn, [one.record for one in failing])
            report.refused += decided
            still_failing = [one for one in failing if one.record.quarantine_key in still_open]
            refresh_records(conn, still_failing)
            replace_reasons(conn, still_failing)
        report.failing += len(still_failing)
