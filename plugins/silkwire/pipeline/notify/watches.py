"""Notify: queue notifications of alerts and of new texts that fit a watch, then deliver them.

This runs after the load, so it cannot stop a batch; a delivery that fails is tried again later.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import msgspec
from sqlalchemy import Connection

from silkwire.pipeline.batch.context import Context
from silkwire.pipeline.notify.alerts import check_status, queue_alerts
from silkwire.pipeline.notify.outbox import Notification, deliver, insert_notifications
from silkwire.pipeline.notify.same_texts import find_first_articles
from silkwire.topics import list_topics
from silkwire.topics.folding import fold_text
from silkwire.warehouse.statements import read_statements
from silkwire.warehouse.status import Concern
from silkwire.watches import Found, Watch, WatchList, fits, load_watches

_SQL = read_statements(__file__)
LOOKBACK = timedelta(days=1)
"""How far back new texts are looked for. What was loaded earlier is no longer news."""


def read_watches(ctx: Context) -> WatchList:
    """Read `config/watches.yaml`. Raises ConfigError."""
    folder = ctx.settings.config_dir
    return load_watches(folder, list_topics(folder))


def register_watches(ctx: Context) -> None:
    """Read the watches before a batch, so that each is notified of all that this batch loads.

    Raises ConfigError before anything is fetched.
    """
    watches, now = read_watches(ctx).watches, ctx.now()
    if watches:
        with ctx.engine.begin() as conn:
            _register(conn, watches, now)


def notify_all(ctx: Context) -> dict[str, int]:
    """Notify those who watch, and operators.

    Returns `{noted, sent, failed}`: notifications that were queued, messages sent and failed.
    """
    watches = read_watches(ctx)
    return _notify(ctx, watches, watches.watches)


def notify_operators(ctx: Context, *, also: Sequence[Concern] = ()) -> dict[str, int]:
    """Queue and send alerts only, not the notifications of watches.

    `also` are concerns that only the caller knows of. The alert of such a concern is over as soon
    as a call comes without it.
    """
    return _notify(ctx, read_watches(ctx), (), also)


def queue_findings(conn: Connection, watches: Sequence[Watch], now: datetime) -> int:
    """Queue a notification for each new text that fits a watch; return how many were queued.

    A watch is never notified of a text that was loaded before `register_watches` first read it.
    """
    if not watches:
        return 0
    known_since = _register(conn, watches, now)
    since = max(now - LOOKBACK, min(known_since[watch.name] for watch in watches))
    notifications = [
        _build_notification(watch, place.key, found, now)
        for found, loaded_at in _read_new_texts(conn, since)
        for watch in watches
        if loaded_at >= known_since[watch.name]
        and fits(watch, found, lambda words: fold_text(words).text)
        for place in watch.to
    ]
    return insert_notifications(conn, notifications, now)


def _notify(
    ctx: Context, all_watches: WatchList, watches: Sequence[Watch], also: Sequence[Concern] = ()
) -> dict[str, int]:
    now, operators = ctx.now(), all_watches.operators
    with ctx.engine.begin() as conn:
        count = queue_findings(conn, watches, now)
        if operators:
            _, concerns = check_status(ctx.settings, conn, now)
            count += queue_alerts(conn, (*concerns, *also), operators, now)
    sent, failed = deliver(ctx, all_watches)
    return {"noted": count, "sent": sent, "failed": failed}


def _register(conn: Connection, watches: Sequence[Watch], now: datetime) -> dict[str, datetime]:
    """When each watch was first read, by name."""
    conn.execute(_SQL["register"], [{"watch": watch.name, "now": now} for watch in watches])
    rows = conn.execute(_SQL["known_since"])
    return {row.watch: row.known_since for row in rows}


def _read_new_texts(conn: Connection, since: datetime) -> Iterator[tuple[Found, datetime]]:
    """New texts in the order in which they were seen, each with its `loaded_at`."""
    rows = conn.execute(_SQL["new_texts"], {"from_at": since}).mappings().all()
    origins = {row["origin_key"] for row in rows if row["origin_key"] is not None}
    first = find_first_articles(conn, sorted(origins))
    for row in rows:
        found = msgspec.convert(dict(row), Found)
        if row["origin_key"] is not None:
            found = replace(found, text_key=f"article {first[found.article_key]}")
        yield found, row["loaded_at"]


def _build_notification(
    watch: Watch, destination: str, found: Found, now: datetime
) -> Notification:
    item = {
        "title": found.title,
        "outlet": found.outlet,
        "url": found.url,
        "matched": found.matched,
        "is_edit": found.is_edit,
    }
    due_at = watch.find_time(now)
    return Notification(watch.name, destination, found.text_key, item, due_at, found.revision_key)
