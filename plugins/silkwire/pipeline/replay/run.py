"""Replay: parse, match, validate and load again what the archive holds. No network.

Events are replayed in the order in which they happened: batches at the time of their verdict,
people's decisions at the time of the decision, each with the ruleset and the feeds' descriptions
that were in force. What is loaded is dated by these times, so `loaded_at` says when it was first
loaded, and a rebuilt warehouse knows what was known then. Rows that the warehouse has already are
not changed.
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
from silkwire.warehouse.locks import hold_lock
from silkwire.warehouse.statements import read_statements
from silkwire.warehouse.tables import batches

_SQL = read_statements(__file__)


@dataclass(frozen=True, slots=True)
class Event:
    """A batch, or a person's decision on a held batch, at the time when it happened."""

    happened_at: datetime
    batch: FoundBatch
    is_review: bool = False


def split_archive(settings: Settings) -> tuple[Part, ...]:
    """Split the archive's history into parts for `replay`, oldest first."""
    return split_history([e.happened_at for e in order_events(find_batches(settings.data_root))])


def replay(
    settings: Settings,
    *,
    selection: Selection = EVERYTHING,
    part: Part = WHOLE,
    progress: Progress = SILENT,
    now: Clock = read_clock,
) -> ReplayReport:
    """Load from the archive what the warehouse lacks; a killed replay continues.

    With a `part`, everything up to its end is loaded, since later batches depend on earlier ones;
    the report covers the part alone. Raises SilkwireError if silkwire itself fails; damage in the
    archive is in the report.
    """
    report, earlier = ReplayReport(), ReplayReport()
    with (
        open_context(settings, now=now) as ctx,
        hold_lock(ctx.engine, REPLAY_LOCK, is_waiting=True),
        open_rules(settings) as rules,
    ):
        events = order_events(find_batches(settings.data_root))
        wanted = [event for event in events if not part.ends_before(event.happened_at)]
        progress.start("replay", sum(not event.is_review for event in wanted))
        for event in wanted:
            counted = earlier if part.begins_after(event.happened_at) else report
            if event.is_review:
                replay_review(ctx, event.batch, counted)
                continue
            _choose_replay(event.batch)(ctx, rules, event.batch, selection, counted)
            progress.advance()
        _discard_unfinished(ctx)
        report.rules_lost = tuple(sorted(rules.lost))
        progress.finish(f"{report.fetches.replayed} fetches, {len(report.damages)} damages")
    return report


def _choose_replay(
    batch: FoundBatch,
) -> Callable[[Context, ArchivedRules, FoundBatch, Selection, ReplayReport], None]:
    if batch.trigger == batches.ADOPT:
        return replay_adoption
    return replay_records if batch.trigger in batches.RECORD_TRIGGERS else replay_batch


def order_events(found: tuple[FoundBatch, ...]) -> list[Event]:
    """Batches and decisions in the order of time; a decision comes after its batch."""
    return sorted(_list_events(found), key=_order)


def _list_events(found: tuple[FoundBatch, ...]) -> Iterator[Event]:
    for batch in found:
        yield Event(batch.judged_at, batch)
        if batch.decision is None or batch.trigger in batches.RECORD_TRIGGERS:
            continue
        if is_reviewed(batch.decision):
            happened_at = max(batch.judged_at, batch.decision.decided_at)
            yield Event(happened_at, batch, is_review=True)


def _order(event: Event) -> tuple[datetime, str, bool]:
    return event.happened_at, event.batch.batch_id, event.is_review


def _discard_unfinished(ctx: Context) -> None:
    """Drop the unfinished batches of an earlier replay that was killed and selected other fetches.

    They have loaded nothing yet.
    """
    with ctx.engine.begin() as conn:
        unfinished = conn.execute(_SQL["unfinished"]).scalars().all()
    for batch_id in unfinished:
        ctx.folder(batch_id).remove()
    with ctx.engine.begin() as conn:
        conn.execute(text("DELETE FROM ops.fetch WHERE batch_id = ANY(:ids)"), {"ids": unfinished})
        conn.execute(text("DELETE FROM ops.batch WHERE batch_id = ANY(:ids)"), {"ids": unfinished})
