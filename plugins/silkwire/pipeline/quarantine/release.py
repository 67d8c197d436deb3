"""The protocol by which records leave quarantine: one batch, one transaction, each record once.

Lock the records, leave out decided records and older texts, load the rest, sign their records,
archive the decision. The batch begins before the transaction: if the process dies in
between, the next command abandons the batch, in the archive too.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import Connection

from silkwire.load import encode_payload, lock_loads
from silkwire.model import MatchReport, PlanReport
from silkwire.pipeline.batch.archive_notes import archive_decision, archive_ruleset
from silkwire.pipeline.batch.context import Context
from silkwire.pipeline.batch.plan import name_batch
from silkwire.pipeline.batch.recover import finish_expired_batches
from silkwire.pipeline.batch.run import hold_run
from silkwire.pipeline.quarantine.candidates import (
    Candidate,
    Refused,
    fingerprint,
    refer_to,
    refuse_decided,
)
from silkwire.pipeline.quarantine.load import QUARANTINED, load_records, refuse_late
from silkwire.topics import Ruleset
from silkwire.warehouse.tables import batches, quarantine
from silkwire.warehouse.tables.quarantine import QuarantinedRecord

CHUNK = 1_000
"""Records of one transaction; all their texts are in memory."""


@dataclass(slots=True)
class Release:
    """The result of one batch of records; without a `batch_id` nothing was left to load."""

    batch_id: str | None = None
    outcomes: list[tuple[Candidate, str]] = field(default_factory=list)
    released: list[int] = field(default_factory=list)
    """Keys of records."""
    decided: list[Refused] = field(default_factory=list)
    """Somebody decided on them meanwhile."""
    late: list[Refused] = field(default_factory=list)
    """Records that were left out because their feeds have shown a later text."""


def release_round(
    ctx: Context,
    candidates: Sequence[Candidate],
    ruleset: Ruleset,
    *,
    trigger: str,
    reviewer: str,
    empty: Sequence[QuarantinedRecord] = (),
    is_reread: bool = False,
) -> Release:
    """Load these candidates and sign their records; those that fail stay open.

    `empty` records are signed without loading anything. With `is_reread` the records are stored as
    they were read now, and those that fail get new reasons.
    """
    release = Release()
    with begin_records_batch(ctx, trigger, ruleset) as batch_id, ctx.engine.begin() as conn:
        records = {one.quarantine_key: one for one in [*(c.record for c in candidates), *empty]}
        still_open, release.decided = lock_open(conn, list(records.values()))
        release.late = [
            one for one in refuse_late(conn, candidates) if one.quarantine_key in still_open
        ]
        left = still_open - {one.quarantine_key for one in release.late}
        if not left:
            end_empty(ctx, conn, batch_id)
            return release
        chosen = [one for one in candidates if one.record.quarantine_key in left]
        if is_reread:
            records |= {one.quarantine_key: one for one in refresh_records(conn, chosen)}
        now = ctx.now()
        release.outcomes = load_and_sign(
            ctx, conn, batch_id, chosen, ruleset=ruleset.version, reviewer=reviewer, now=now
        )
        failing = [one for one, outcome in release.outcomes if is_failing(one, outcome)]
        if is_reread:
            replace_reasons(conn, failing)
        release.released = sorted(left - {one.record.quarantine_key for one in failing})
        unloaded = set(release.released) - {one.record.quarantine_key for one in chosen}
        _sign(conn, unloaded, reviewer=reviewer, now=now)
        references = [refer_to(records[key]) for key in release.released]
        archive_decision(ctx, conn, batch_id, records=references)
    release.batch_id = batch_id
    return release


def load_and_sign(
    ctx: Context,
    conn: Connection,
    batch_id: str,
    chosen: Sequence[Candidate],
    *,
    ruleset: str,
    reviewer: str,
    now: datetime,
) -> list[tuple[Candidate, str]]:
    """Load locked records and sign those that do not fail; each candidate with its outcome."""
    outcomes = load_records(
        ctx, conn, batch_id, chosen, ruleset=ruleset, reviewer=reviewer, now=now
    )
    loaded = list(zip(chosen, outcomes, strict=True))
    keys = {one.record.quarantine_key for one in chosen}
    failing = {one.record.quarantine_key for one, outcome in loaded if is_failing(one, outcome)}
    _sign(conn, keys - failing, reviewer=reviewer, now=now)
    return loaded


def is_failing(candidate: Candidate, outcome: str) -> bool:
    """Whether the record stays open; a recovered entry that fails gets a record of its own."""
    return outcome == QUARANTINED and not candidate.is_recovered


@contextmanager
def begin_records_batch(
    ctx: Context, trigger: str, ruleset: Ruleset | None = None
) -> Iterator[str]:
    """Yield the id of a new batch for single records; this process holds its lock."""
    batch_id = name_batch(ctx.now(), None)
    with hold_run(ctx, batch_id):
        with ctx.engine.begin() as conn:
            batches.begin_batch(
                conn,
                batch_id,
                trigger=trigger,
                is_listed_feeds=False,
                now=ctx.now(),
                lease=ctx.lease,
            )
            batches.save_report(conn, batch_id, "plan", PlanReport())
            if ruleset is not None:
                matched = MatchReport(ruleset.version, thresholds=ruleset.thresholds)
                batches.save_report(conn, batch_id, "match", matched)
        if ruleset is not None:
            archive_ruleset(ctx, batch_id, ruleset.version)
        yield batch_id


def end_empty(ctx: Context, conn: Connection, batch_id: str) -> None:
    """Abandon a batch whose records were all decided elsewhere, or cannot be loaded."""
    batches.abandon_batch(conn, batch_id, reason="nothing was left to decide", now=ctx.now())


def read_open(
    ctx: Context, keys: Iterable[int], refused: list[Refused]
) -> Iterator[tuple[QuarantinedRecord, ...]]:
    """Chunks of open records in the order of their keys; the others are appended to `refused`."""
    finish_expired_batches(ctx, triggers=batches.RECORD_TRIGGERS)
    wanted = sorted(set(keys))
    for start in range(0, len(wanted), CHUNK):
        chunk = wanted[start : start + CHUNK]
        with ctx.engine.begin() as conn:
            records = quarantine.read_records(conn, chunk)
        missing = set(chunk) - {record.quarantine_key for record in records}
        refused += [Refused(key, "there is no such record") for key in sorted(missing)]
        refused += filter(None, map(refuse_decided, records))
        if left := tuple(record for record in records if refuse_decided(record) is None):
            yield left


def lock_open(
    conn: Connection, records: Sequence[QuarantinedRecord]
) -> tuple[set[int], list[Refused]]:
    """Lock the records; return the keys of open ones, and the records decided on meanwhile."""
    lock_loads(conn)
    locked = quarantine.lock_records(conn, [record.quarantine_key for record in records])
    decided = [one for one in map(refuse_decided, locked) if one is not None]
    open_keys = {record.quarantine_key for record in locked}
    return open_keys - {one.quarantine_key for one in decided}, decided


def refresh_records(conn: Connection, candidates: Iterable[Candidate]) -> list[QuarantinedRecord]:
    """Store the records as they were read now."""
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


def replace_reasons(conn: Connection, candidates: Iterable[Candidate]) -> None:
    """Store the expectations that the candidates fail now."""
    quarantine.replace_reasons(
        conn, ((one.record.quarantine_key, one.reasons) for one in candidates)
    )


def _sign(conn: Connection, keys: Iterable[int], *, reviewer: str, now: datetime) -> None:
    quarantine.sign_records(
        conn, sorted(keys), status=quarantine.RELEASED, reviewer=reviewer, now=now
    )
