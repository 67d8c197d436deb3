"""Plan: bring `ops.feed` in line with the feed list, lease the feeds that are due, cut shards."""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection

from silkwire.feeds.lease import lease_due_feeds
from silkwire.feeds.loss import refuse_loss
from silkwire.feeds.opml.read import ListedFeed, read_feed_list
from silkwire.feeds.shards import name_shard, shard_feeds
from silkwire.feeds.sync import sync_feeds
from silkwire.model import PlanReport
from silkwire.pipeline.batch.context import Context
from silkwire.pipeline.batch.files import feeds_file
from silkwire.pipeline.batch.ruleset import require_ruleset
from silkwire.topics import list_topics
from silkwire.warehouse.locks import hold_lock
from silkwire.warehouse.tables import batches
from silkwire.warehouse.tables.batches import Batch

TICK = timedelta(minutes=10)
"""The schedule of `ingest_feeds`; a feed is due if its time comes before half a tick from now."""


def plan_batch(
    ctx: Context,
    *,
    batch_id: str,
    trigger: str = batches.CLI,
    feeds_opml: Path | None = None,
    ignore_due: bool = False,
    may_lose_most: bool = False,
) -> Batch:
    """Lease the due feeds for the batch. A batch that is planned already is returned unchanged.

    Raises ConfigError for a mistake in the feed list or in the topic rules, and for a list that
    lost most of its feeds unless `may_lose_most`.
    """
    with hold_lock(ctx.engine, f"step {batch_id} plan", is_waiting=True):
        with ctx.engine.begin() as conn:
            known = batches.find_batch(conn, batch_id)
        if known is not None and known.is_planned:
            return known
        # A mistake in the rules must stop the run before feeds are leased and fetched.
        require_ruleset(ctx.settings)
        folder = ctx.settings.config_dir
        path = feeds_opml or folder / "feeds.opml"
        listed = read_feed_list(path, list_topics(folder))
        with ctx.engine.begin() as conn:
            if feeds_opml is None and not may_lose_most:
                refuse_loss(conn, listed, path)
            sync_feeds(conn, listed, now=ctx.now(), pause_unlisted=feeds_opml is None)
            # The row comes before the files: nobody would find files of an unknown batch.
            if known is None:
                batches.begin_batch(
                    conn,
                    batch_id,
                    trigger=trigger,
                    is_listed_feeds=feeds_opml is None,
                    now=ctx.now(),
                    lease=ctx.lease,
                )
            else:
                batches.renew_lease(conn, batch_id, now=ctx.now(), lease=ctx.lease)
        with ctx.engine.begin() as conn:
            only = listed if feeds_opml else None
            report = _lease(ctx, conn, batch_id, only=only, ignore_due=ignore_due)
            batches.save_report(conn, batch_id, "plan", report)
            return batches.get_batch(conn, batch_id)


def name_batch(now: datetime, run_key: str | None) -> str:
    """A batch id: a hash of the scheduler's run if there is one, else the time and random digits.

    A run that is cleared gets the same id again, finds its batch, and changes nothing if it is
    done. Other ids sort by time.
    """
    if run_key is not None:
        return "run-" + hashlib.sha256(run_key.encode()).hexdigest()[:20]
    return f"{now:%Y%m%dT%H%M%SZ}-{secrets.token_hex(4)}"


def _lease(
    ctx: Context,
    conn: Connection,
    batch_id: str,
    *,
    only: Sequence[ListedFeed] | None,
    ignore_due: bool,
) -> PlanReport:
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
    # The files come before the commit: a batch that is planned has its files.
    folder = ctx.folder(batch_id)
    for number, shard in enumerate(shards):
        folder.write(feeds_file(number), shard)
    return PlanReport(len(shards), len(feeds), skipped, tuple(map(name_shard, shards)))


def _limit_host(pause_s: float) -> int | None:
    """How many feeds of one host fit into half a tick with `pause_s` seconds between requests."""
    return None if pause_s == 0 else max(1, int(TICK.total_seconds() / 2 / pause_s))
