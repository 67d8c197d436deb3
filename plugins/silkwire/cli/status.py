"""`silkwire status`: one look; exit 1 if something needs a person."""

import json
import sys
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

if TYPE_CHECKING:
    from silkwire.warehouse.status import Status

_NO_FEEDS = "none yet: the first batch reads the list"


def status(
    is_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    is_notifying: Annotated[
        bool,
        typer.Option("--notify", help="Tell the operators of config/watches.yaml what changed."),
    ] = False,
) -> None:
    """Show freshness, backlog, held batches, failing feeds and disk.

    Exit code 1 if something needs a person, for cron and for probes outside Airflow: with
    `--notify` they are told even when no scheduler runs, once per cause and when it is over.

    \b
    Examples:
      silkwire status
      silkwire status --json || notify-send silkwire
      */5 * * * * silkwire status --notify > /dev/null     # in a crontab
    """
    from silkwire.config import read_settings
    from silkwire.pipeline import open_context
    from silkwire.pipeline.notify.alerts import check_status
    from silkwire.pipeline.notify.watches import notify_operators

    settings = read_settings()
    now = datetime.now(UTC)
    with open_context(settings) as ctx:
        with ctx.engine.begin() as conn:
            found, concerns = check_status(settings, conn, now)
        if is_notifying:
            notify_operators(ctx)
    sentences = tuple(concern.sentence for concern in concerns)
    if is_json:
        typer.echo(json.dumps({**asdict(found), "concerns": sentences}, default=datetime.isoformat))
    else:
        _print(found, sentences, now)
    sys.exit(1 if concerns else 0)


def _print(found: "Status", concerns: tuple[str, ...], now: datetime) -> None:
    verdict = f", {found.last_batch_verdict}" if found.last_batch_verdict else ""
    feeds = f"{found.feeds_failing_count:,} failing, {found.feeds_gone_count:,} gone"
    rows = (
        ("last batch", _ago(found.last_batch_at, now) + verdict),
        ("last good fetch", _ago(found.last_success_at, now)),
        ("newest article", _ago(found.last_article_at, now)),
        ("articles", f"{found.article_count:,}"),
        ("feeds", f"{found.feed_count:,} ({feeds})" if found.feed_count else _NO_FEEDS),
        ("due now", f"{found.feeds_due_count:,}"),
        ("held batches", f"{found.batches_held_count:,}"),
        ("in quarantine", f"{found.quarantine_open_count:,}"),
        ("disk", f"{found.free_bytes / 1e9:,.1f} GB free, warehouse {_megabytes(found)} MB"),
    )
    console = Console(highlight=False)
    for name, value in rows:
        console.print(f"[dim]{name:<15}[/]  {value}")
    for concern in concerns:
        console.print(f"[bold yellow]![/] {concern}")
    if not concerns:
        console.print("[green]✓[/] Nothing needs a person.")


def _megabytes(found: "Status") -> str:
    return f"{found.warehouse_bytes / 1e6:,.0f}"


def _ago(at: datetime | None, now: datetime) -> str:
    if at is None:
        return "never"
    minutes = (now - at) / timedelta(minutes=1)
    for size, unit in ((1440, "day"), (60, "hour"), (1, "minute")):
        if minutes >= size:
            count = int(minutes // size)
            return f"{count} {unit}{'s' if count > 1 else ''} ago"
    return "just now"
