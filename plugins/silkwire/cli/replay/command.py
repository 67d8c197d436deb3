"""`silkwire replay`: the warehouse from the archive."""

import json
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from silkwire.cli.output.damages import list_damages
from silkwire.cli.replay.trial import run_trial

if TYPE_CHECKING:
    from rich.console import Console

    from silkwire.pipeline.history.selection import Selection
    from silkwire.pipeline.replay.report import ReplayReport

STOPPED = "stopped; what was replayed is kept, and the next `silkwire replay` goes on from there"
_FORMATS = ["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]


def replay(
    since: Annotated[
        datetime | None,
        typer.Option(formats=_FORMATS, help="Only what was fetched from then on (UTC)."),
    ] = None,
    until: Annotated[
        datetime | None,
        typer.Option(formats=_FORMATS, help="Only what was fetched before then (UTC)."),
    ] = None,
    feeds: Annotated[
        list[str] | None,
        typer.Option("--feed", metavar="URL", help="Only this feed, as listed; may be repeated."),
    ] = None,
    ruleset: Annotated[
        str | None,
        typer.Option(
            "--ruleset",
            metavar="FOLDER|VERSION",
            help="Change nothing that is in force, but try these rules on what is there.",
        ),
    ] = None,
    is_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object, nothing else, on stdout.")
    ] = False,
) -> None:
    """Rebuild the warehouse from the archive: parse, match, validate and load again, offline.

    Takes what was fetched in the order of then, with the rules, the list and the decisions of
    then. What the warehouse has already is left alone, so a replay may be run again, and one that
    was stopped or killed goes on. Files that are damaged or missing are named and skipped.

    With --ruleset nothing is loaded: other topic rules judge every text of the warehouse and what
    was off topic, and a table says what they would gain and lose. What was off topic longer ago
    than SILKWIRE_KEEP_OFF_TOPIC_DAYS is looked for in the archive: each document of that time is
    parsed and matched once for each ruleset, as for a rebuild of it, but nothing is validated or
    loaded. With a long archive that is hours. A trial that was stopped goes on; --since bounds how
    far back it looks.

    \b
    Examples:
      silkwire replay
      silkwire replay --since 2026-11-01 --until 2026-11-08
      silkwire replay --feed https://example.org/feed.xml --json | jq .damages
      silkwire replay --ruleset my-rules
      silkwire replay --ruleset 3f2a91c04b7e --since 2026-11-01
    """
    from silkwire.cli.output.console import open_console
    from silkwire.cli.output.progress import RunProgress
    from silkwire.cli.stopping import explain_stop
    from silkwire.config import read_settings
    from silkwire.pipeline.replay.run import replay as run

    selection = _select(since, until, feeds or [])
    if ruleset is not None:
        run_trial(ruleset, selection, is_json=is_json)
        return
    with explain_stop(STOPPED), RunProgress() as progress:
        report = run(read_settings(), selection=selection, progress=progress)
    if is_json:
        typer.echo(json.dumps(asdict(report)))
    else:
        print_report(report, open_console())


def _select(since: datetime | None, until: datetime | None, feeds: list[str]) -> "Selection":
    from silkwire.pipeline.history.selection import Selection

    return Selection(
        since=since and since.replace(tzinfo=UTC),
        until=until and until.replace(tzinfo=UTC),
        feed_urls=frozenset(feeds),
    )


def print_report(report: "ReplayReport", console: "Console") -> None:
    """What came back, and what did not."""
    batches, fetches = report.batches, report.fetches
    entries, articles = report.entries, report.articles
    lines = [
        f"  batches    {batches.found} in the archive: {batches.replayed} replayed, "
        f"{batches.known} known, {batches.empty} without anything asked for, "
        f"{batches.abandoned} abandoned, {batches.running} running",
        f"  fetches    {fetches.found}: {fetches.replayed} replayed, {fetches.known} known, "
        f"{fetches.superseded} superseded; {fetches.lost} lost",
        f"  entries    {entries.fetched} = {entries.accepted} accepted + {entries.unchanged} "
        f"unchanged + {entries.off_topic} off topic + {entries.quarantined} quarantined",
        f"  articles   {articles.inserted} inserted, {articles.revised} revised, "
        f"{articles.variant} variants",
    ]
    for line in lines:
        console.print(line, highlight=False, soft_wrap=True)
    for warning in _list_warnings(report):
        console.print(f"  {warning}", style="yellow", highlight=False, soft_wrap=True)


def _list_warnings(report: "ReplayReport") -> list[str]:
    warnings = list(list_damages(report.damages))
    if report.batches.undecided:
        warnings.append(
            f"{report.batches.undecided} batches were judged anew, for the archive holds no"
            " decision on them"
        )
    if report.fetches.superseded:
        warnings.append(
            f"{report.fetches.superseded} fetches were left out, since their feeds were loaded"
            " later already: replay into an empty warehouse to have them"
        )
    warnings += [f"The archive lacks the rules {v}; today's stood in" for v in report.rules_lost]
    warnings += [f"A decision of then was not made again: {r}" for r in report.reviews_refused]
    return warnings
