"""`silkwire replay`: rebuild the warehouse from the archive, or try another ruleset."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from silkwire.cli.options import AsJson, print_json
from silkwire.cli.output.archive import list_damages
from silkwire.cli.output.console import open_console
from silkwire.cli.output.counts import describe_counts
from silkwire.cli.replay.trial import run_trial
from silkwire.cli.stopping import stoppable_run
from silkwire.config import read_settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import Console

    from silkwire.pipeline.replay.report import ReplayReport

STOPPED = "stopped; what was replayed is kept, and the next `silkwire replay` goes on from there"
_FORMATS = ["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]


def replay(
    since: Annotated[
        datetime | None,
        typer.Option(
            formats=_FORMATS,
            help="Only what was fetched at or after this time (UTC). Default: from the beginning.",
        ),
    ] = None,
    until: Annotated[
        datetime | None,
        typer.Option(
            formats=_FORMATS,
            help="Only what was fetched before this time (UTC). Default: to the end.",
        ),
    ] = None,
    feeds: Annotated[
        list[str] | None,
        typer.Option(
            "--feed",
            metavar="URL",
            help="Only this feed, by its url in the feed list; may be repeated. Default: all.",
        ),
    ] = None,
    ruleset: Annotated[
        str | None,
        typer.Option(
            "--ruleset",
            metavar="FOLDER|VERSION",
            help="Load nothing; match stored texts with this ruleset, and report changes.",
        ),
    ] = None,
    is_json: AsJson = False,
) -> None:
    """Rebuild the warehouse from the archive: parse, match, validate and load, offline.

    It replays the archived documents in the order in which they were fetched,
    with the rules, feed list and decisions that were in force then. Rows that the
    warehouse already has are kept, so a replay can be run again, and a stopped
    replay continues. Damaged and missing archive files are named and skipped.

    With --ruleset it loads nothing. It matches every text in the warehouse and
    every off-topic entry with that ruleset, and prints how many articles each
    topic would gain and lose. ops.off_topic keeps entries only for
    SILKWIRE_KEEP_OFF_TOPIC_DAYS. To find older ones, it parses the archived
    documents, once per ruleset. This takes hours for a long archive; --since
    limits it. A stopped trial continues.

    Examples:
      silkwire replay
      silkwire replay --since 2026-11-01 --until 2026-11-08
      silkwire replay --feed https://example.org/feed.xml --json | jq .damages
      silkwire replay --ruleset my-rules
      silkwire replay --ruleset 3f2a91c04b7e --since 2026-11-01
    """
    from silkwire.pipeline.history.selection import Selection
    from silkwire.pipeline.replay.run import replay as run

    selection = Selection(
        since=since and since.replace(tzinfo=UTC),
        until=until and until.replace(tzinfo=UTC),
        feed_urls=frozenset(feeds or ()),
    )
    if ruleset is not None:
        run_trial(ruleset, selection, is_json=is_json)
        return
    with stoppable_run(STOPPED) as progress:
        report = run(read_settings(), selection=selection, progress=progress)
    if is_json:
        print_json(report)
    else:
        print_report(report, open_console())


def print_report(report: "ReplayReport", console: "Console") -> None:
    """Print what was replayed, and what could not be replayed."""
    batches, fetches = report.batches, report.fetches
    lines = [
        f"  batches    {batches.found} in the archive: {batches.replayed} replayed, "
        f"{batches.known} known, {batches.empty} without anything selected, "
        f"{batches.abandoned} abandoned, {batches.running} running",
        f"  fetches    {fetches.found}: {fetches.replayed} replayed, {fetches.known} known, "
        f"{fetches.superseded} superseded; {fetches.lost} lost",
        *describe_counts(report),
    ]
    for line in lines:
        console.print(line, highlight=False, soft_wrap=True)
    for warning in _list_warnings(report):
        console.print(f"  {warning}", style="yellow", highlight=False, soft_wrap=True)


def _list_warnings(report: "ReplayReport") -> "Iterator[str]":
    yield from list_damages(report.damages)
    if report.batches.undecided:
        yield (
            f"The archive has no decision on {report.batches.undecided} batches, so their "
            "verdicts were computed again"
        )
    if report.fetches.superseded:
        yield (
            f"{report.fetches.superseded} fetches were left out, because the warehouse has later "
            "ones of their feeds: to have them, replay into an empty warehouse"
        )
    for version in report.rules_lost:
        yield f"The archive lacks the ruleset {version}; the configured one was used"
    for reason in report.reviews_refused:
        yield f"A decision of that time could not be made again: {reason}"
