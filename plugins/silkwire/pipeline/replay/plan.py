"""Plan the replay of an archived batch: a new batch of the fetches that the warehouse lacks."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from sqlalchemy import Connection

from silkwire.archive import ArchivedFeed
from silkwire.model import FetchReport, FetchResult, PlannedFeed, PlanReport
from silkwire.pipeline.batch import files
from silkwire.pipeline.batch.context import Context
from silkwire.pipeline.history.batches import BatchContent, FoundBatch
from silkwire.pipeline.history.known import apply_limits, name_fetch, read_known, read_superseded
from silkwire.pipeline.history.selection import Selection
from silkwire.pipeline.replay.feeds import read_known_feeds, restore_feeds
from silkwire.warehouse.tables import batches
from silkwire.warehouse.tables.fetches import replace_fetches


@dataclass(frozen=True, slots=True)
class ReplayPlan:
    """The part of one archived batch that is to be loaded."""

    batch_id: str | None
    """The new batch; None if there is nothing to load."""
    selected_count: int
    known_count: int
    """How many fetches are in finished batches, whether loaded or rejected."""
    superseded_count: int
    """How many fetches are older than what their feed has loaded. To load them would make false
    edits."""


def plan_replay(
    ctx: Context, found: FoundBatch, content: BatchContent, selection: Selection
) -> ReplayPlan:
    """Write the batch that loads the selected fetches that the warehouse lacks.

    A second call plans the same batch.
    """
    selected = [result for result in content.results if selection.has(*name_fetch(result))]
    with ctx.engine.begin() as conn:
        _restore_feeds(conn, found, content, selection, selected)
        known, superseded = read_known(conn, selected), read_superseded(conn, selected)
        wanted = [r for r in selected if name_fetch(r) not in known | superseded]
        batch_id = _name_batch(found.batch_id, wanted) if wanted else None
        batch = _begin_batch(ctx, conn, batch_id, found, content) if batch_id else None
    if batch is not None and not batch.is_planned:
        with ctx.engine.begin() as conn:
            _write_batch(ctx, conn, batch.batch_id, found=found, content=content, wanted=wanted)
    return ReplayPlan(batch_id, len(selected), len(known), len(superseded - known))


def _restore_feeds(
    conn: Connection,
    found: FoundBatch,
    content: BatchContent,
    selection: Selection,
    selected: Sequence[FetchResult],
) -> None:
    changed = found.decision.changed_feeds if found.decision else ()
    archived = {feed.feed_url: feed for feed in (*content.listed, *changed)}
    for result in selected:
        archived.setdefault(result.feed_url, _guess_feed(content, result))
    fetched = {result.feed_url for result in selected}
    restore_feeds(
        conn,
        (feed for feed in archived.values() if feed.feed_url in fetched or selection.is_everything),
    )


def _guess_feed(content: BatchContent, result: FetchResult) -> ArchivedFeed:
    """A minimal description of the feed, used if the archived one is lost.

    It is dated so that any other description replaces it.
    """
    planned = content.planned.get(result.feed_url)
    return ArchivedFeed(
        feed_key=result.feed_key,
        feed_url=result.feed_url,
        valid_from=datetime.fromtimestamp(0, UTC),
        outlet=planned.outlet if planned else None,
        language=planned.language if planned else None,
        topics=planned.topics if planned else (),
    )


def _begin_batch(
    ctx: Context, conn: Connection, batch_id: str, found: FoundBatch, content: BatchContent
) -> batches.Batch:
    """The row comes before the files, so that the files of a killed replay can be found."""
    if batches.find_batch(conn, batch_id) is None:
        batches.begin_batch(
            conn,
            batch_id,
            trigger=batches.REPLAY,
            is_listed_feeds=_is_listed(found, content),
            now=found.decision.started_at if found.decision else found.judged_at,
            lease=ctx.lease,
        )
    return batches.get_batch(conn, batch_id)


def _write_batch(
    ctx: Context,
    conn: Connection,
    batch_id: str,
    *,
    found: FoundBatch,
    content: BatchContent,
    wanted: Sequence[FetchResult],
) -> None:
    feeds, results = _translate(conn, content, apply_limits(found, wanted))
    replace_fetches(conn, batch_id, results, {})
    folder = ctx.folder(batch_id)
    folder.write(files.feeds_file(0), feeds)
    folder.write(files.fetches_file(0), results)
    is_whole = len(wanted) == len(content.results) and not content.damages
    plan = PlanReport(1, len(results), replays=found.batch_id, is_whole=is_whole)
    batches.save_report(conn, batch_id, "plan", plan)
    outcomes = Counter(result.outcome.value for result in results)
    batches.save_report(conn, batch_id, "fetch 0", FetchReport(**outcomes))


def _translate(
    conn: Connection, content: BatchContent, results: Sequence[FetchResult]
) -> tuple[list[PlannedFeed], list[FetchResult]]:
    """Feeds and results with the feed keys of this warehouse."""
    known = read_known_feeds(conn, {result.feed_url for result in results})
    feeds = []
    for result in results:
        feed = known[result.feed_url]
        planned = content.planned.get(result.feed_url) or PlannedFeed(
            feed.feed_key, result.feed_url, result.fetch_url
        )
        feeds.append(
            replace(
                planned,
                feed_key=feed.feed_key,
                is_urls_repeat=planned.is_urls_repeat or feed.is_urls_repeat,
                is_guids_repeat=planned.is_guids_repeat or feed.is_guids_repeat,
            )
        )
    return feeds, [replace(r, feed_key=known[r.feed_url].feed_key) for r in results]


def _is_listed(found: FoundBatch, content: BatchContent) -> bool:
    if found.decision is not None:
        return found.decision.is_listed_feeds
    return bool(content.configuration.get("is_listed_feeds", True))


def _name_batch(original: str, results: Iterable[FetchResult]) -> str:
    """The same fetches give the same id, so that a replay that was killed finds its batch."""
    names = sorted(f"{r.feed_url} {r.started_at.isoformat()}\n" for r in results)
    return f"{original}-replay-{hashlib.sha256(''.join(names).encode()).hexdigest()[:8]}"
