"""One decision on many records: chosen by a filter, shown first, then made with --yes."""

import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from silkwire.cli.options import print_json
from silkwire.cli.output.console import open_console
from silkwire.cli.output.counts import count_of
from silkwire.cli.output.tables import escape_controls
from silkwire.cli.stopping import stoppable_run

if TYPE_CHECKING:
    from silkwire.pipeline import Context
    from silkwire.pipeline.quarantine.choose import Preview
    from silkwire.pipeline.quarantine.release_reject import RecordsReport
    from silkwire.warehouse.tables.quarantine import RecordFilter

STOPPED = "stopped; what was decided is kept, and the same command goes on from there"
WHICH = (
    "say which records: their numbers, a held batch, or --reason, --feed, --outlet,"
    " --where-title-has or --keys"
)
SHOWN_NAMES = 10

Reason = Annotated[
    str | None,
    typer.Option("--reason", metavar="EXPECTATION", help="Open records that fail this, by name."),
]
Feed = Annotated[
    str | None,
    typer.Option("--feed", metavar="URL", help="Open records of this feed, by its listed url."),
]
Outlet = Annotated[
    str | None, typer.Option("--outlet", metavar="NAME", help="Open records of this outlet.")
]
TitleHas = Annotated[
    str | None,
    typer.Option(
        "--where-title-has", metavar="WORDS", help="Open records with these words in their title."
    ),
]
KeysFile = Annotated[
    Path | None,
    typer.Option(
        "--keys",
        metavar="FILE",
        help="Open records with the numbers in this file, one a line, such as the answer of a"
        " query; `-` reads standard input.",
    ),
]
IsPreview = Annotated[
    bool, typer.Option("--preview", help="Show what would be decided on, and decide nothing.")
]
IsYes = Annotated[bool, typer.Option("--yes", help="Decide on all that these options choose.")]


def build_filter(
    reason: str | None,
    feed: str | None,
    outlet: str | None,
    title_has: str | None,
    keys_file: Path | None,
) -> "RecordFilter | None":
    """The filter, or None if no option was given. Raises BadParameter for an empty one."""
    from silkwire.warehouse.tables.quarantine import RecordFilter

    given = [one for one in (reason, feed, outlet, title_has) if one is not None]
    if not given and keys_file is None:
        return None
    keys = None if keys_file is None else tuple(_read_keys(keys_file))
    if keys == () or not all(one.strip() for one in given):
        raise typer.BadParameter(WHICH)
    return RecordFilter(keys=keys, reason=reason, feed_url=feed, outlet=outlet, title_has=title_has)


def _read_keys(file: Path) -> Iterator[int]:
    """The first column; a first line without a number is a header."""
    try:
        text = sys.stdin.read() if str(file) == "-" else file.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as exc:
        raise typer.BadParameter(f"{file} cannot be read: {exc}") from exc
    for number, line in enumerate(text.splitlines()):
        first = line.split(",")[0].strip()
        if first.isdecimal():
            yield int(first)
        elif first and number:
            raise typer.BadParameter(f"line {number + 1} of {file} is no record's number: {first}")


def decide_many(
    ctx: "Context",
    chosen: "RecordFilter",
    decide: "Callable[..., RecordsReport]",
    *,
    verb: str,
    reviewer: str,
    is_preview: bool,
    is_yes: bool,
    is_json: bool,
) -> "RecordsReport | None":
    """Show what the filter chooses; with `is_yes` decide on it. None if nothing was decided."""
    from silkwire.pipeline.quarantine.choose import choose_records, preview_records

    keys = choose_records(ctx, chosen)
    if is_preview or not is_yes:
        preview = preview_records(ctx, keys)
        if is_json:
            print_json(preview, ensure_ascii=False)
        else:
            _print_preview(preview, verb)
        if not is_preview:
            typer.echo(f"Nothing is decided yet: add --yes to {verb} them.", err=True)
            raise typer.Exit(2)
        return None
    with stoppable_run(STOPPED) as progress:
        progress.start(verb, len(keys))
        report = decide(ctx, keys, reviewer=reviewer, progress=progress)
        progress.finish(f"{len(report.records):,} of {count_of(len(keys), 'record')}")
    return report


def print_summary(report: "RecordsReport", sentences: Mapping[str, str]) -> None:
    """How many records had each outcome."""
    for outcome, count in Counter(record.outcome for record in report.records).most_common():
        typer.echo(f"{count:,} {sentences[outcome]}")


def _print_preview(preview: "Preview", verb: str) -> None:
    console = open_console()
    records = count_of(preview.record_count, "open record")
    console.print(f"{records} to {verb}, of {count_of(len(preview.feeds), 'feed')}", style="bold")
    for heading, counts in (("fails", preview.reasons), ("feed", preview.feeds)):
        for name, count in list(counts.items())[:SHOWN_NAMES]:
            console.print(f"  {heading:<6} {count:>7,}  {escape_controls(name)}", soft_wrap=True)
        if (more := len(counts) - SHOWN_NAMES) > 0:
            console.print(f"  {heading:<6} and {more:,} more")
    if preview.matched_count < preview.record_count:
        console.print(f"  topics of the first {preview.matched_count:,}:")
    for topic, count in preview.topics.items():
        console.print(f"  topic  {count:>7,}  {topic}")
    if preview.off_topic_count:
        console.print(f"  topic  {preview.off_topic_count:>7,}  none: a release adds no article")
    if preview.unloadable_count:
        console.print(f"         {preview.unloadable_count:>7,}  cannot be released, only rejected")
    for one in preview.samples:
        words = escape_controls(one.words) or "(neither title nor text)"
        console.print(f"  #{one.quarantine_key} {words}", style="dim", soft_wrap=True)
