"""`silkwire replay --ruleset`: what other rules would gain and lose, as a table."""

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

import typer

from silkwire.cli.output.damages import describe_reading

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from rich.console import Console
    from rich.table import Table

    from silkwire.pipeline.history.selection import Selection
    from silkwire.pipeline.rules.trial import TopicChange, TrialReport

SHOWN_WORDS = 5
STOPPED = "stopped; what was judged is kept, and the same command goes on from there"


def run_trial(name: str, selection: "Selection", *, is_json: bool) -> None:
    """Try the rules of this folder or version, and print what they would change."""
    from silkwire.cli.output.console import open_console
    from silkwire.cli.output.progress import RunProgress
    from silkwire.cli.stopping import explain_stop
    from silkwire.config import read_settings
    from silkwire.pipeline import open_context
    from silkwire.pipeline.rules.find import find_rules
    from silkwire.pipeline.rules.trial import try_rules

    settings = read_settings()
    ruleset = find_rules(settings, name)
    with explain_stop(STOPPED), RunProgress() as progress, open_context(settings) as ctx:
        report = try_rules(ctx, ruleset, selection=selection, progress=progress)
    if is_json:
        typer.echo(json.dumps(asdict(report), ensure_ascii=False))
    else:
        print_trial(report, open_console(), settings.config_dir / "topics")


def print_trial(report: "TrialReport", console: "Console", folder: "Path") -> None:
    """A table, a few examples, and where to go from there: into the `folder` of the configured
    rules."""
    from silkwire.cli.output.console import Indented
    from silkwire.cli.output.tables import escape_controls

    console.print(Indented(_build_table(report.topics)))
    for line in _list_examples(report.topics):
        console.print(line, soft_wrap=True)
    for line in _list_notes(report, folder):
        console.print(escape_controls(line), soft_wrap=True)


def _build_table(topics: "list[TopicChange]") -> "Table":
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="dim", show_edge=False)
    table.add_column("topic")
    for name in ("kept", "gained", "gained from\noff topic", "lost"):
        table.add_column(name, justify="right")
    for one in topics:
        numbers = (one.kept, one.gained, one.gained_off_topic, one.lost)
        table.add_row(one.topic, *(f"{number:,}" for number in numbers))
    return table


def _list_examples(topics: "list[TopicChange]") -> "Iterator[str]":
    from silkwire.cli.output.tables import escape_controls

    for topic in topics:
        for one in topic.examples:
            mark = "+" if one.change == "gained" else "-"
            words = f"  [{', '.join(one.words[:SHOWN_WORDS])}]" if one.words else ""
            title = one.title or one.url or "no headline"
            yield escape_controls(f"  {mark} {topic.topic}: {title}{words}")


def _list_notes(report: "TrialReport", folder: "Path") -> "Iterator[str]":
    version = report.ruleset[:12]
    yield (
        f"Rules {version}: {report.texts_judged:,} texts and {report.off_topic_judged:,} entries"
        " off topic judged by this run; what is in force is as before."
    )
    if report.off_topic_unread:
        yield (
            f"{report.off_topic_unread:,} entries off topic could not be judged: they have no"
            " summary, and their documents are gone from the archive."
        )
    yield from describe_reading(report.archive)
    where = f"WHERE ruleset_after LIKE '{version}%'"
    yield f"All of it: SELECT * FROM mart.ruleset_changes {where}"  # noqa: S608 - for people
    if report.ruleset != report.in_force:
        yield f"To adopt: put them into {folder}, then silkwire topics adopt {version}"
    elif any(topic.gained_off_topic for topic in report.topics):
        yield "These rules are in force. To load what they gain: silkwire topics adopt"
