"""Fetch one shard into its archive file. After an interruption, fetch only the feeds left over."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

import silkwire
from silkwire.archive import ArchivedFeed, ArchiveWriter, read_results
from silkwire.errors import ArchiveError
from silkwire.feeds.lease import load_credentials
from silkwire.model import Exchange, FetchOutcome, FetchResult, PlannedFeed
from silkwire.pipeline.batch.archive_notes import describe_feeds, name_archive_file
from silkwire.pipeline.batch.context import Context
from silkwire.pipeline.batch.progress import Progress
from silkwire.topics import name_ruleset
from silkwire.warehouse.tables import batches


def fetch_into_archive(
    ctx: Context,
    batch_id: str,
    shard: int,
    feeds: Sequence[PlannedFeed],
    progress: Progress,
    *,
    on_new: Callable[[PlannedFeed], None] = lambda feed: None,
) -> list[FetchResult]:
    """One result for each feed, archived.

    Results that an interrupted attempt archived are kept, since their entries may be gone from the
    feed by now.
    KeyboardInterrupt leaves all that was fetched in the archive.
    """
    feed_keys = [feed.feed_key for feed in feeds]
    with ctx.engine.begin() as conn:
        batch = batches.get_batch(conn, batch_id)
        credentials = load_credentials(conn, feed_keys)
        listed = describe_feeds(conn, feed_keys)
    archive_file = name_archive_file(batch.started_at, batch_id, shard)
    results = _read_kept(ctx, archive_file)
    progress.advance(len(results))
    known = {result.feed_key for result in results}
    missing = {feed.feed_key: feed for feed in feeds if feed.feed_key not in known}
    if feeds and not missing:
        return results
    with ArchiveWriter(
        ctx.settings.data_root,
        archive_file,
        batch_id=batch_id,
        started_at=batch.started_at,
        configuration=_describe_configuration(ctx, batch, feeds, listed),
        is_continued=bool(results),
    ) as archive:

        def record(exchange: Exchange) -> None:
            results.append(archive.write(exchange))
            progress.advance()
            result = exchange.result
            if result.outcome is FetchOutcome.NEW:
                on_new(missing[result.feed_key])

        # Slow to import, and often nothing is due.
        from silkwire.fetch import fetch_feeds  # noqa: PLC0415

        fetch_feeds(
            tuple(missing.values()),
            ctx.settings,
            credentials=credentials,
            on_exchange=record,
            now=ctx.now,
        )
    return results


def _read_kept(ctx: Context, archive_file: str) -> list[FetchResult]:
    """The results that an earlier attempt archived; none if the file is missing or damaged."""
    with suppress(ArchiveError):
        return list(read_results(ctx.settings.data_root, archive_file))
    return []


def _describe_configuration(
    ctx: Context,
    batch: batches.Batch,
    feeds: Sequence[PlannedFeed],
    listed: tuple[ArchivedFeed, ...],
) -> dict[str, Any]:
    """The configuration in force, for the archive; nothing that may hold a secret."""
    settings = ctx.settings.model_dump(mode="json", exclude={"warehouse_url", "data_url"})
    return {
        "version": silkwire.__version__,
        "trigger": batch.trigger,
        "is_listed_feeds": batch.is_listed_feeds,
        "started_at": batch.started_at,
        "settings": settings,
        "ruleset": name_ruleset(ctx.settings.config_dir),
        "feeds": feeds,
        "listed": listed,
    }
