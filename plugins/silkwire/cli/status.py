"""`silkwire status`: print the state of feeds, batches, articles and disk."""

from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from silkwire.cli.options import AsJson, print_json
from silkwire.cli.output.console import open_console
from silkwire.config import read_settings

if TYPE_CHECKING:
    from silkwire.warehouse.status import Status

_NO_FEEDS = "none yet: the first batch reads the list"


def status(
    is_json: AsJson = False,
    is_notifying: Annotated[
        bool,
        typer.Option(
            "--notify",
            help="Also notify the operators of config/watches.yaml: once when a problem begins, "
            "and once when it is over.",
        ),
    ] = False,
) -> None:
    """Show freshness, backlog, held batches, failing feeds and disk space.

    The exit code is 1 if something needs a person, so that cron or a monitor can
    tell. With --notify in a crontab, operators are notified even if Airflow's
    scheduler does not run.

    Examples:
      silkwire status
      silkwire status --json || notify-send silkwire
      */5 * * * * silkwire status --notify > /dev/null     # in a crontab
    """
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
        print_json({**asdict(found), "concerns": sentences}, default=datetime.isoformat)
    else:
        _print(found, sentences, now)
    raise typer.Exit(1 if concerns else 0)


def _print(found: "Status", concerns: tuple[str, ...], now: datetime) -> None:
    verdict = f", {found.last_batch_verdict}" if found.last_batch_verdict else ""
    feeds = f"{found.feeds_failing_count:,} failing, {found.feeds_gone_count:,} gone"
    free, used = f"{found.free_bytes / 1e9:,.1f} GB", f"{found.warehouse_bytes / 1e6:,.0f} MB"
    rows = (
        ("last batch", _ago(found.last_batch_at, now) + verdict),
        ("last good fetch", _ago(found.last_success_at, now)),
        ("newest article", _ago(found.last_article_at, now)),
        ("articles", f"{found.article_count:,}"),
        ("feeds", f"{found.feed_count:,} ({feeds})" if found.feed_count else _NO_FEEDS),
        ("due now", f"{found.feeds_due_count:,}"),
        ("held batches", f"{found.batches_held_count:,}"),
        ("in quarantine", f"{found.quarantine_open_count:,}"),
        ("disk", f"{free} free, warehouse {used}"),
    )
    console = open_console()
    for name, value in rows:
        console.print(Text.assemble((f"{name:<15}", "dim"), f"  {value}"))
    for concern in concerns:
        console.print(Text.assemble(("!", "bold yellow"), f" {concern}"))
    if not concerns:
        console.print(Text.assemble(("✓", "green"), " Nothing needs a person."))


def _ago(at: datetime | None, now: datetime) -> str:
    if at is None:
        return "never"
    minutes = (now - at) / timedelta(minutes=1)
    for size, unit in ((1440, "day"), (60, "hour"), (1, "minute")):
        if minutes >= size:
            count = int(minutes // size)
            return f"{count} {unit}{'s' if count > 1 else ''} ago"
    return "just now"
