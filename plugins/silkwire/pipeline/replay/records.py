"""Replay decisions on single records: release or reject the records again."""

import hashlib
from collections.abc import Iterable, Sequence

from sqlalchemy import Connection

from silkwire.archive import BatchDecision, RecordReference
from silkwire.load import lock_loads
from silkwire.model import PlanReport
from silkwire.pipeline.batch.context import Context
from silkwire.pipeline.batch.load import report_batch
from silkwire.pipeline.history.batches import FoundBatch
from silkwire.pipeline.history.rulesets import ArchivedRules
from silkwire.pipeline.history.selection import Selection
from silkwire.pipeline.quarantine.candidates import (
    Candidate,
    Refused,
    read_candidate,
    refer_to,
    split_rounds,
)
from silkwire.pipeline.quarantine.load import refuse_late
from silkwire.pipeline.quarantine.release import load_and_sign
from silkwire.pipeline.replay.batch import find_state
from silkwire.pipeline.replay.feeds import restore_feeds
from silkwire.pipeline.replay.report import ReplayReport
from silkwire.topics import Ruleset, load_ruleset
from silkwire.warehouse.tables import batches, quarantine
from silkwire.warehouse.tables.quarantine import QuarantinedRecord


def replay_records(
    ctx: Context,
    rules: ArchivedRules,
    found: FoundBatch,
    selection: Selection,
    report: ReplayReport,
) -> None:
    """Apply the archived decision to the selected open records; a repeat does nothing."""
    decision = find_decision(ctx, found, report)
    if decision is None:
        return
    wanted = [one for one in decision.records if selection.has(one.feed_url, one.fetched_at)]
    is_whole = len(wanted) == len(decision.records)
    with ctx.engine.begin() as conn:
        restore_changed_feeds(conn, decision, selection)
        records = _find_open(conn, wanted, report, is_retry=decision.trigger == batches.RETRY)
        if decision.verdict == quarantine.RELEASED:
            ruleset = load_ruleset(rules.find_config(decision.ruleset))
            candidates = _find_loadable(conn, records, ruleset, report)
            records = [one.record for one in candidates]
        if not records:
            report.count_batch("known" if wanted else "empty")
            return
        references = [refer_to(record) for record in records]
        batch_id = begin_replay(ctx, conn, decision, references, is_whole=is_whole)
        if decision.verdict == quarantine.RELEASED:
            load_and_sign(
                ctx,
                conn,
                batch_id,
                candidates,
                ruleset=decision.ruleset or "",
                reviewer=decision.reviewer or "",
                now=decision.decided_at,
            )
        else:
            _reject(conn, batch_id, decision, records)
        count_replay(conn, batch_id, report)
    report.batches.replayed += 1


def _find_open(
    conn: Connection, wanted: Sequence[RecordReference], report: ReplayReport, *, is_retry: bool
) -> list[QuarantinedRecord]:
    """Find and lock those `wanted` records that are open here. Name missing ones in the report.

    Missing records of a retry are not named: today's parser or rules often pass them at once.
    """
    lock_loads(conn)
    seen = quarantine.read_seen(
        conn, [one.feed_url for one in wanted], [one.fetched_at for one in wanted]
    )
    by_reference = {refer_to(record): record for record in seen}
    report.reviews_refused += [
        f"the record at position {one.position} of {one.feed_url}, fetched"
        f" {one.fetched_at:%Y-%m-%d %H:%M:%SZ}, is not in quarantine"
        for one in wanted
        if one not in by_reference and not is_retry
    ]
    keys = [by_reference[one].quarantine_key for one in wanted if one in by_reference]
    locked = quarantine.lock_records(conn, keys)
    return [record for record in locked if record.status == quarantine.OPEN]


def _find_loadable(
    conn: Connection, records: Sequence[QuarantinedRecord], ruleset: Ruleset, report: ReplayReport
) -> list[Candidate]:
    found = [read_candidate(record, ruleset) for record in records]
    candidates = [one for one in found if isinstance(one, Candidate)]
    late = refuse_late(conn, candidates)
    report.reviews_refused += [one.reason for one in (*found, *late) if isinstance(one, Refused)]
    refused = {one.quarantine_key for one in late}
    left = [one for one in candidates if one.record.quarantine_key not in refused]
    # One round is enough, because no decision has two records of the same feed and article.
    return next(iter(split_rounds(left)), [])


def _reject(
    conn: Connection,
    batch_id: str,
    decision: BatchDecision,
    records: Sequence[QuarantinedRecord],
) -> None:
    keys, reviewer = [record.quarantine_key for record in records], decision.reviewer or ""
    now = decision.decided_at
    quarantine.sign_records(conn, keys, status=quarantine.REJECTED, reviewer=reviewer, now=now)
    batches.finish_rejection(conn, batch_id, len(keys), reviewer=reviewer, now=now)


def find_decision(ctx: Context, found: FoundBatch, report: ReplayReport) -> BatchDecision | None:
    """The archived decision; None, with the batch counted in `report`, if it needs no replay."""
    report.batches.found += 1
    state = find_state(ctx, found)
    if state is not None or found.decision is None:
        report.count_batch(state or "empty")
        return None
    return found.decision


def restore_changed_feeds(conn: Connection, decision: BatchDecision, selection: Selection) -> None:
    """Restore the descriptions of selected feeds that were archived with this batch."""
    changed = [feed for feed in decision.changed_feeds if selection.has_feed(feed.feed_url)]
    restore_feeds(conn, changed)


def count_replay(conn: Connection, batch_id: str, report: ReplayReport) -> None:
    """Count the batch, which is done, in `report`."""
    report.add_batch(report_batch(batches.get_batch(conn, batch_id)))


def begin_replay(
    ctx: Context,
    conn: Connection,
    decision: BatchDecision,
    references: Iterable[RecordReference],
    *,
    is_whole: bool,
) -> str:
    """Begin the batch that replays the decision on these records; return its id."""
    batch_id = _name_batch(decision.batch_id, references)
    batches.begin_batch(
        conn,
        batch_id,
        trigger=batches.REPLAY,
        is_listed_feeds=False,
        now=decision.started_at,
        lease=ctx.lease,
    )
    plan = PlanReport(replays=decision.batch_id, is_whole=is_whole)
    batches.save_report(conn, batch_id, "plan", plan)
    return batch_id


def _name_batch(original: str, references: Iterable[RecordReference]) -> str:
    names = sorted(map(str, references))
    return f"{original}-replay-{hashlib.sha256(''.join(names).encode()).hexdigest()[:8]}"
