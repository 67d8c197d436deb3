"""`silkwire replay --ruleset`: a table of what another ruleset would gain and lose."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rich import box
from rich.table import Table

from silkwire.cli.options import print_json
from silkwire.cli.output.archive import describe_reading, describe_unread
from silkwire.cli.output.console import Indented, open_console
from silkwire.cli.output.tables import escape_controls
from silkwire.cli.stopping import stoppable_run
from silkwire.config import read_settings

if TYPE_CHECKING:
    from pathlib import Path

    from silkwire.pipeline.history.selection import Selection
    from silkwire.pipeline.rules.trial import TopicChange, TrialReport

SHOWN_WORDS = 5
STOPPED = "stopped; what was matched is kept, and the same command goes on from there"


def run_trial(name: str, selection: "Selection", *, is_json: bool) -> None:
    """Try the ruleset of this folder or version, and print what it would change."""
    from silkwire.pipeline import open_context
    from silkwire.pipeline.rules.find import find_rules
    from silkwire.pipeline.rules.trial import try_rules

    settings = read_settings()
    ruleset = find_rules(settings, name)
    with stoppable_run(STOPPED) as progress, open_context(settings) as ctx:
        report = try_rules(ctx, ruleset, selection=selection, progress=progress)
    if is_json:
        print_json(report, ensure_ascii=False)
        return
    console = open_console()
    console.print(Indented(_build_table(report.topics)))
    for line in (*_list_examples(report.topics), *_list_notes(report, settings.config_dir)):
        console.print(escape_controls(line), soft_wrap=True)


def _build_table(topics: "list[TopicChange]") -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="dim", show_edge=False)
    table.add_column("topic")
    for name in ("kept", "gained", "gained from\noff topic", "lost"):
        table.add_column(name, justify="right")
    for one in topics:
        numbers = (one.kept, one.gained, one.gained_off_topic, one.lost)
        table.add_row(one.topic, *(f"{number:,}" for number in numbers))
    return table


def _list_examples(topics: "list[TopicChange]") -> Iterator[str]:
    for topic in topics:
        for one in topic.examples:
            mark = "+" if one.change == "gained" else "-"
            words = f"  [{', '.join(one.words[:SHOWN_WORDS])}]" if one.words else ""
            yield f"  {mark} {topic.topic}: {one.title or one.url or 'no headline'}{words}"


def _list_notes(report: "TrialReport", config_dir: "Path") -> Iterator[str]:
    version = report.ruleset[:12]
    yield (
        f"Ruleset {version}: this run matched {report.texts_judged:,} texts and "
        f"{report.off_topic_judged:,} off-topic entries. The ruleset in force did not change."
    )
    yield from describe_unread(report.off_topic_unread)
    yield from describe_reading(report.archive)
    where = f"WHERE ruleset_after LIKE '{version}%'"
    yield f"All changes: SELECT * FROM mart.ruleset_changes {where}"  # noqa: S608 - for people
    if report.ruleset != report.in_force:
        folder = config_dir / "topics"
        yield f"To adopt them: put them into {folder}, then silkwire topics adopt {version}"
    elif any(topic.gained_off_topic for topic in report.topics):
        yield "These rules are in force. To load what they gain: silkwire topics adopt"
