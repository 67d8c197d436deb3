"""Plan: bring `ops.feed` in line with the list, lease what is due, cut it into shards."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection

from silkwire.feeds.lease import lease_due_feeds
from silkwire.feeds.opml.read import ListedFeed, read_feed_list
from silkwire.feeds.shards import name_shard, shard_feeds
from silkwire.feeds.sync import sync_feeds
from silkwire.model import PlannedFeed
from silkwire.pipeline.batch.context import Context
from silkwire.pipeline.batch.files import feeds_file
from silkwire.pipeline.batch.ruleset import require_ruleset
from silkwire.topics import list_topics
from silkwire.warehouse.tables import batches

# The schedule of `ingest_feeds`; a feed is due if its time comes before half a tick from now.
TICK = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class BatchPlan:
    """A planned batch: its feeds wait in `shard_count` files of its folder."""

    batch_id: str
    shard_count: int
    due_count: int
    skipped_count: int
    shard_names: tuple[str, ...] = ()
    """A name for each shard: its hosts."""


def plan_batch(
    ctx: Context,
    *,
    batch_id: str,
    trigger: str = batches.CLI,
    feeds_opml: Path | None = None,
    ignore_due: bool = False,
) -> BatchPlan:
    """Lease the due feeds for the batch, or return the plan that it already has.

    Raises ConfigError for a mistake in the feed list or in the topic rules.
    """
    with batches.hold_lock(ctx.engine, f"step {batch_id} plan", is_waiting=True):
        with ctx.engine.begin() as conn:
            known = batches.find_batch(conn, batch_id)
        if known is not None and known.is_planned:
            return read_plan(known)
        # A mistake in the rules is found before anything is leased, not three steps later.
        require_ruleset(ctx.settings)
        folder = ctx.settings.config_dir
        listed = read_feed_list(feeds_opml or folder / "feeds.opml", list_topics(folder))
        with ctx.engine.begin() as conn:
            sync_feeds(conn, listed, now=ctx.now(), pause_unlisted=feeds_opml is None)
            # Before its files: those of a batch that is known to nobody would stay for ever.
            if known is None:
                is_listed = feeds_opml is None
                _begin(ctx, conn, batch_id, trigger=trigger, is_listed_feeds=is_listed)
            else:
                batches.renew_lease(conn, batch_id, now=ctx.now(), lease=ctx.lease)
        with ctx.engine.begin() as conn:
            only = listed if feeds_opml else None
            return _lease(ctx, conn, batch_id, only=only, ignore_due=ignore_due)


def name_batch(now: datetime, run_key: str | None) -> str:
    """A batch id that sorts by time, or, for a scheduler's run, one that only the run decides.

    So a run that is cleared finds its own batch, and changes nothing if that is done.
    """
    if run_key is not None:
        return "run-" + hashlib.sha256(run_key.encode()).hexdigest()[:20]
    return f"{now:%Y%m%dT%H%M%SZ}-{secrets.token_hex(4)}"


def read_plan(batch: batches.Batch) -> BatchPlan:
    plan = batch.step_reports["plan"]
    names = tuple(plan.get("shard_names", ()))
    return BatchPlan(batch.batch_id, plan["shards"], plan["due"], plan["skipped"], names)


def _begin(
    ctx: Context, conn: Connection, batch_id: str, *, trigger: str, is_listed_feeds: bool
) -> None:
    batches.begin_batch(
        conn,
        batch_id,
        trigger=trigger,
        is_listed_feeds=is_listed_feeds,
        now=ctx.now(),
        lease=ctx.lease,
    )


def _lease(
    ctx: Context,
    conn: Connection,
    batch_id: str,
    *,
    only: Sequence[ListedFeed] | None,
    ignore_due: bool,
) -> BatchPlan:
    is_everything = ignore_due or only is not None
    feeds, skipped = lease_due_feeds(
        conn,
        batch_id,
        now=ctx.now(),
        tick=TICK,
        only_urls=None if only is None else [feed.feed_url for feed in only],
        ignore_due=ignore_due,
        host_limit=None if is_everything else _limit_host(ctx.settings.fetch_host_pause),
    )
    shards = shard_feeds(feeds, ctx.settings.shard_feeds)
    _write_shards(ctx, batch_id, shards)
    names = tuple(map(name_shard, shards))
    plan = BatchPlan(batch_id, len(shards), len(feeds), skipped, names)
    report = {
        "shards": plan.shard_count,
        "shard_names": plan.shard_names,
        "due": plan.due_count,
        "skipped": plan.skipped_count,
    }
    batches.save_step_report(conn, batch_id, "plan", report)
    return plan


def _limit_host(pause_s: float) -> int | None:
    """How many feeds of one host a tick has time for: the batch of the next waits for this one."""
    return None if pause_s == 0 else max(1, int(TICK.total_seconds() / 2 / pause_s))


def _write_shards(ctx: Context, batch_id: str, shards: Sequence[Sequence[PlannedFeed]]) -> None:
    # Before the commit: a batch that is planned has its files.
    folder = ctx.folder(batch_id)
    for number, shard in enumerate(shards):
        folder.write(feeds_file(number), shard)
