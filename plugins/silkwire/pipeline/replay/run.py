"""Replay: parse, match, validate and load again what the archive holds. No network.

What happened is taken in the order in which it did: batches when they were judged, people's
decisions on them when those were made, each with the rules and the list's entries of then. What
the warehouse has already is left alone.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text

from silkwire.config import Settings
from silkwire.pipeline.batch.context import Clock, Context, open_context, read_clock
from silkwire.pipeline.batch.progress import SILENT, Progress
from silkwire.pipeline.history.batches import REPLAY_LOCK, FoundBatch, find_batches
from silkwire.pipeline.history.parts import WHOLE, Part, split_history
from silkwire.pipeline.history.rulesets import ArchivedRules, open_rules
from silkwire.pipeline.history.selection import EVERYTHING, Selection
from silkwire.pipeline.replay.adoption import replay_adoption
from silkwire.pipeline.replay.batch import replay_batch
from silkwire.pipeline.replay.held import is_reviewed, replay_review
from silkwire.pipeline.replay.records import replay_records
from silkwire.pipeline.replay.report import ReplayReport
from silkwire.warehouse.tables import batches


@dataclass(frozen=True, slots=True)
class Event:
    """Something of the archive's history."""

    happened_at: datetime
    batch: FoundBatch
    is_review: bool = False


def split_archive(settings: Settings) -> tuple[Part, ...]:
    """The parts in which `replay` may be asked for the archive, oldest first."""
    return split_history([e.happened_at for e in order_events(find_batches(settings.data_root))])


def replay(
    settings: Settings,
    *,
    selection: Selection = EVERYTHING,
    part: Part = WHOLE,
    progress: Progress = SILENT,
    now: Clock = read_clock,
) -> ReplayReport:
    """Load from the archive what the warehouse lacks; a replay that was killed goes on.

    With a `part`, all up to its end: what is lacking of earlier parts comes first, so that no order
    of parts does harm, and the report leaves it out. Raises SilkwireError where silkwire itself
    failed; what is damaged in the archive is reported.
    """
    report, earlier = ReplayReport(), ReplayReport()
    with (
        open_context(settings, now=now) as ctx,
        batches.hold_lock(ctx.engine, REPLAY_LOCK, is_waiting=True),
        open_rules(settings) as rules,
    ):
        events = order_events(find_batches(settings.data_root))
        wanted = [event for event in events if not part.ends_before(event.happened_at)]
        progress.start("replay", sum(not event.is_review for event in wanted))
        for event in wanted:
            told = earlier if part.begins_after(event.happened_at) else report
            if event.is_review:
                replay_review(ctx, event.batch, told)
                continue
            _find_way(event.batch)(ctx, rules, event.batch, selection, told)
            progress.advance()
        _discard_unfinished(ctx)
        report.rules_lost = tuple(sorted(rules.lost))
        progress.finish(f"{report.fetches.replayed} fetches, {len(report.damages)} damages")
    return report


def _find_way(
    batch: FoundBatch,
) -> Callable[[Context, ArchivedRules, FoundBatch, Selection, ReplayReport], None]:
    if batch.is_adoption:
        return replay_adoption
    return replay_records if batch.is_of_records else replay_batch


def order_events(found: tuple[FoundBatch, ...]) -> list[Event]:
    """Batches and decisions on them by their time; a decision never comes before its batch."""
    return sorted(_list_events(found), key=_turn)


def _list_events(found: tuple[FoundBatch, ...]) -> Iterator[Event]:
    for batch in found:
        yield Event(batch.judged_at, batch)
        if batch.decision is None or batch.is_of_records:
            continue
        if is_reviewed(batch.decision):
            happened_at = max(batch.judged_at, batch.decision.decided_at)
            yield Event(happened_at, batch, is_review=True)


def _turn(event: Event) -> tuple[datetime, str, bool]:
    return event.happened_at, event.batch.batch_id, event.is_review


def _discard_unfinished(ctx: Context) -> None:
    """Batches of a replay that was killed and asked for something else: nothing is loaded yet."""
    with ctx.engine.begin() as conn:
        unfinished = conn.execute(text(_UNFINISHED)).scalars().all()
    for batch_id in unfinished:
        ctx.folder(batch_id).remove()
    with ctx.engine.begin() as conn:
        conn.execute(text("DELETE FROM ops.fetch WHERE batch_id = ANY(:ids)"), {"ids": unfinished})
        conn.execute(text("DELETE FROM ops.batch WHERE batch_id = ANY(:ids)"), {"ids": unfinished})


_UNFINISHED = "SELECT batch_id FROM ops.batch WHERE trigger = 'replay' AND state = 'running'"
