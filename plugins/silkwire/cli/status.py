"""`silkwire status`: one look; exit 1 if something needs a person."""

import json
import shutil
import sys
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    from silkwire.warehouse.status import Status


def status(
    is_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Show freshness, backlog, held batches, failing feeds and disk.

    Exit code 1 if something needs a person, for cron and for probes outside Airflow.

    \b
    Examples:
      silkwire status
      silkwire status --json || notify-send silkwire
    """
    from silkwire.config import read_settings
    from silkwire.pipeline import open_context
    from silkwire.warehouse.status import find_concerns, read_status

    settings = read_settings()
    now = datetime.now(UTC)
    with open_context(settings) as ctx, ctx.engine.begin() as conn:
        found = read_status(conn, now=now)
    concerns = find_concerns(
        found,
        now=now,
        stale_after=timedelta(minutes=settings.status_stale_minutes),
        free_bytes=shutil.disk_usage(_existing(settings.home)).free,
        min_free_bytes=settings.status_min_free_bytes,
    )
    if is_json:
        typer.echo(json.dumps({**asdict(found), "concerns": concerns}, default=datetime.isoformat))
    else:
        _print(found, concerns, now)
    sys.exit(1 if concerns else 0)


def _print(found: "Status", concerns: tuple[str, ...], now: datetime) -> None:
    table = Table(show_header=False, box=None, padding=(0, 2, 0, 0))
    rows = (
        ("last batch", f"{_ago(found.last_batch_at, now)} {found.last_batch_verdict or ''}"),
        ("last good fetch", _ago(found.last_success_at, now)),
        ("newest article", _ago(found.last_article_at, now)),
        ("articles", f"{found.article_count:,}"),
        ("feeds", f"{found.feed_count:,} ({found.feeds_failing_count:,} failing)"),
        ("due now", f"{found.feeds_due_count:,}"),
        ("held batches", f"{found.batches_held_count:,}"),
        ("in quarantine", f"{found.quarantine_open_count:,}"),
        ("warehouse", f"{found.warehouse_bytes / 1e6:,.0f} MB"),
    )
    for name, value in rows:
        table.add_row(f"[dim]{name}[/]", value)
    console = Console(highlight=False)
    console.print(table)
    for concern in concerns:
        console.print(f"[bold yellow]![/] {concern}")
    if not concerns:
        console.print("[green]✓[/] Nothing needs a person.")


def _existing(path: Path) -> Path:
    return next(folder for folder in (path, *path.parents) if folder.exists())


def _ago(at: datetime | None, now: datetime) -> str:
    if at is None:
        return "never"
    minutes = (now - at) / timedelta(minutes=1)
    for size, unit in ((1440, "day"), (60, "hour"), (1, "minute")):
        if minutes >= size:
            count = int(minutes // size)
            return f"{count} {unit}{'s' if count > 1 else ''} ago"
    return "just now"
