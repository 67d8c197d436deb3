"""Alerts: notify operators once when a concern begins, and once when it is over.

A concern is a problem that `silkwire status` reports; `ops.alert` holds the open ones.
"""

import shutil
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, text

from silkwire.config import Settings
from silkwire.errors import ConfigError
from silkwire.feeds.loss import find_loss
from silkwire.feeds.opml.read import read_feed_list
from silkwire.pipeline.notify.outbox import Notification, insert_notifications
from silkwire.topics import list_topics
from silkwire.warehouse.status import Concern, Status, find_concerns, read_status
from silkwire.watches import OPERATORS, Destination

_BEGIN = "INSERT INTO ops.alert (cause, sentence, since) VALUES (:cause, :sentence, :now)"


def check_status(
    settings: Settings, conn: Connection, now: datetime
) -> tuple[Status, tuple[Concern, ...]]:
    """Read the state of the pipeline and find the concerns in it."""
    home = settings.home
    existing = next(folder for folder in (home, *home.parents) if folder.exists())
    status = read_status(
        conn,
        now=now,
        quiet_after=timedelta(minutes=settings.status_quiet_minutes),
        free_bytes=shutil.disk_usage(existing).free,
    )
    concerns = find_concerns(
        status,
        now=now,
        stale_after=timedelta(minutes=settings.status_stale_minutes),
        quarantine_growth=settings.status_quarantine_growth,
        min_free_bytes=settings.status_min_free_bytes,
    )
    return status, (*_find_list_concerns(settings, conn), *concerns)


def _find_list_concerns(settings: Settings, conn: Connection) -> Iterator[Concern]:
    """What is wrong with the feed list: no batch begins with it, or none fetches a feed."""
    path = settings.config_dir / "feeds.opml"
    if not path.exists() and not find_loss(conn, ()).known_count:
        return  # batches are run with `ingest --feeds` alone
    try:
        listed = read_feed_list(path, list_topics(settings.config_dir))
    except ConfigError as exc:
        yield Concern("feed_list", f"No batch can begin before this is mended: {exc}.")
        return
    loss = find_loss(conn, listed)
    if loss.is_most:
        sentence = (
            f"{path}: {loss}, so no batch begins. Put them back or, if this is meant, run"
            " `silkwire ingest --yes` once."
        )
        yield Concern("feed_list", sentence)
    elif not listed:
        yield Concern("feed_list", f"{path}: there is no feed in the list: nothing is fetched.")


def queue_alerts(
    conn: Connection, concerns: Sequence[Concern], operators: Sequence[Destination], now: datetime
) -> int:
    """Queue a notification for each concern that began or ended; return how many.

    `concerns` are all that exist now: an alert in `ops.alert` that is not among them is over.
    """
    # Without the lock two runs at once would both see the same concern begin.
    conn.execute(text("LOCK TABLE ops.alert IN SHARE ROW EXCLUSIVE MODE"))
    known = {row.cause: row for row in conn.execute(text("SELECT * FROM ops.alert"))}
    present = {concern.cause: concern.sentence for concern in concerns}
    changes = []
    for cause, sentence in present.items():
        if cause not in known:
            conn.execute(text(_BEGIN), {"cause": cause, "sentence": sentence, "now": now})
            changes.append((f"{cause} since {now.isoformat()}", sentence))
    for cause, row in known.items():
        if cause not in present:
            conn.execute(text("DELETE FROM ops.alert WHERE cause = :cause"), {"cause": cause})
            changes.append((f"{cause} until {now.isoformat()}", f"Over: {row.sentence}"))
    notifications = [
        Notification(OPERATORS, place.key, key, {"title": sentence}, now)
        for key, sentence in changes
        for place in operators
    ]
    return insert_notifications(conn, notifications, now)
