"""`silkwire ingest`: run one batch now."""

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from silkwire.cli.options import AsJson, print_json
from silkwire.cli.output.console import open_console
from silkwire.cli.output.counts import describe_counts
from silkwire.cli.stopping import stoppable_run
from silkwire.config import read_settings

if TYPE_CHECKING:
    from silkwire.model import BatchReport

ALL_FEEDS_FAILED = 3
STOPPED = "stopped; what was fetched is kept, and the next `silkwire ingest` goes on from there"


def ingest(
    feeds: Annotated[
        Path | None,
        typer.Option(
            "--feeds",
            metavar="OPML",
            help="Take the feeds of this file instead of config/feeds.opml. Other feeds are not "
            "paused.",
        ),
    ] = None,
    is_all: Annotated[
        bool, typer.Option("--all", help="Fetch every feed, also those that are not due.")
    ] = False,
    may_lose_most: Annotated[
        bool,
        typer.Option(
            "--yes",
            help="Go on although more than half of ten or more feeds are no longer in the list. "
            "They are paused until they are listed again.",
        ),
    ] = False,
    is_json: AsJson = False,
) -> None:
    """Run one batch now: fetch the feeds that are due, archive, parse, match, validate, load.

    A feed that fails is recorded in ops.fetch, and the batch continues.

    A list that lost more than half of ten or more feeds is taken for a mistake:
    nothing is changed or fetched, and the exit code is 2, unless --yes is given.

    Exit codes: 0 the batch is done (or held for review), 1 the batch failed,
    2 wrong usage or configuration, 3 every due feed failed.

    Ctrl-C and SIGTERM stop it within 10 seconds, with exit code 130 or 143.
    Requests under way are finished and archived first. The next ingest continues
    the same batch.

    Examples:
      silkwire ingest
      silkwire ingest --feeds my.opml --all
      silkwire ingest --json | jq .articles
    """
    from silkwire.pipeline import ingest as run

    with stoppable_run(STOPPED) as progress:
        report = run(
            read_settings(),
            feeds_opml=feeds,
            ignore_due=is_all,
            may_lose_most=may_lose_most,
            progress=progress,
        )
    if is_json:
        print_json(report)
    else:
        print_report(report)
    if report.feeds.due and report.feeds.failed == report.feeds.due:
        raise typer.Exit(ALL_FEEDS_FAILED)


def print_report(report: "BatchReport") -> None:
    """The batch's verdict and counts, and what to do next."""
    console = open_console()
    feeds = report.feeds
    console.print(f"Batch {report.batch_id}: {report.verdict}", style="bold")
    console.print(
        f"  feeds      {feeds.due} due: {feeds.new} new, {feeds.not_modified} not modified, "
        f"{feeds.unchanged_body} unchanged, {feeds.failed} failed ({feeds.skipped} skipped)",
        soft_wrap=True,
    )
    for line in describe_counts(report):
        console.print(line, soft_wrap=True)
    for held in report.held_documents:
        console.print("  Held, its new entries are in quarantine: " + held.feed_url, soft_wrap=True)
        console.print("    " + held.why, soft_wrap=True)
        command = f"silkwire quarantine release --feed {shlex.quote(held.feed_url)}"
        console.print(f"    To decide: {command} (or reject)", soft_wrap=True)
    if report.verdict == "held":
        console.print("  Held for review: nothing of this batch is loaded yet.", style="yellow")
        command = f"silkwire quarantine release {report.batch_id}"
        console.print(f"  To decide: {command} (or reject)", soft_wrap=True)
    if feeds.failed:
        console.print("  To see the failed feeds: silkwire query feeds_in_trouble")
