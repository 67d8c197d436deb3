"""`silkwire ingest`: one batch now."""

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

if TYPE_CHECKING:
    from silkwire.model import BatchReport

ALL_FEEDS_FAILED = 3
STOPPED = "stopped; what was fetched is kept, and the next `silkwire ingest` goes on from there"


def ingest(
    feeds: Annotated[
        Path | None,
        typer.Option("--feeds", metavar="OPML", help="Run this list's feeds alone; pauses none."),
    ] = None,
    is_all: Annotated[
        bool, typer.Option("--all", help="Take every feed, whether it is due or not.")
    ] = False,
    is_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object, nothing else, on stdout.")
    ] = False,
) -> None:
    """Run one batch now: fetch, archive, parse, match, validate, load.

    Feeds that fail are counted and recorded; the batch goes on. Exit codes: 0 done (a batch that
    is held for review too), 1 the run failed, 2 wrong usage or configuration, 3 every due feed
    failed.

    Ctrl-C and SIGTERM stop it within 10 seconds (130, 143): requests under way are finished and
    archived, and the next ingest goes on with the batch.

    \b
    Examples:
      silkwire ingest
      silkwire ingest --feeds my.opml --all
      silkwire ingest --json | jq .articles
    """
    from silkwire.cli.output.progress import RunProgress
    from silkwire.cli.stopping import explain_stop
    from silkwire.config import read_settings
    from silkwire.pipeline import ingest as run

    with explain_stop(STOPPED), RunProgress() as progress:
        report = run(read_settings(), feeds_opml=feeds, ignore_due=is_all, progress=progress)
    if is_json:
        typer.echo(json.dumps(asdict(report)))
    else:
        print_report(report, Console())
    if report.feeds.due and report.feeds.failed == report.feeds.due:
        sys.exit(ALL_FEEDS_FAILED)


def print_report(report: "BatchReport", console: Console) -> None:
    """What a person wants to know of a batch, in five lines."""
    feeds, entries, articles = report.feeds, report.entries, report.articles
    console.print(f"[bold]Batch {report.batch_id}: {report.verdict}[/]", highlight=False)
    console.print(
        f"  feeds      {feeds.due} due: {feeds.new} new, {feeds.not_modified} not modified, "
        f"{feeds.unchanged_body} unchanged, {feeds.failed} failed ({feeds.skipped} skipped)",
        highlight=False,
    )
    console.print(
        f"  entries    {entries.fetched} = {entries.accepted} accepted + {entries.unchanged} "
        f"unchanged + {entries.off_topic} off topic + {entries.quarantined} quarantined",
        highlight=False,
    )
    console.print(
        f"  articles   {articles.inserted} inserted, {articles.revised} revised, "
        f"{articles.variant} variants",
        highlight=False,
    )
    if report.verdict == "held":
        console.print(
            "  [yellow]Held for review: nothing of it is loaded yet.[/] "
            f"[cyan]silkwire quarantine release {report.batch_id}[/] or [cyan]reject[/]"
        )
    if feeds.failed:
        console.print("  Failed feeds: [cyan]silkwire query feeds_in_trouble[/]")
