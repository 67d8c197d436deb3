"""`silkwire topics`: decide, explain, measure, check and adopt the topic rules.

Only `adopt` needs the warehouse.
"""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from silkwire.cli.output.damages import describe_reading

if TYPE_CHECKING:
    from collections.abc import Iterable

    from silkwire.pipeline.rules.adopt import AdoptionReport
    from silkwire.topics.evaluate import LabelledDecision
    from silkwire.topics.ruleset import Ruleset

app = typer.Typer(
    help="The rules that decide which topics an entry is about.", no_args_is_help=True
)


def _load() -> "Ruleset":
    from silkwire.config import read_settings
    from silkwire.topics import load_ruleset

    return load_ruleset(read_settings().config_dir)


@app.command()
def match(
    file: Annotated[
        Path | None, typer.Argument(help="JSON lines to read; standard input if not given.")
    ] = None,
) -> None:
    """Decide the topics of texts: JSON lines in, one JSON line out for each.

    \b
    In:  {"id": 1, "title": "…", "summary": "…", "language": "en"}   (title or summary may lack)
    Out: {"id": 1, "topics": {"ai": {"decision": true, "score": 0.93, "scope": null,
          "evidence": [{"field": "title", "start": 0, "end": 2, "text": "AI", "rule": "…"}],
          "factors": []}, …}}

    \b
    Examples:
      echo '{"id": 1, "title": "China eases visa rules"}' | silkwire topics match
      silkwire topics match items.jsonl > decisions.jsonl
    """
    from silkwire.topics.lines import match_lines

    ruleset = _load()
    if file is None:
        _write_lines(match_lines(sys.stdin.buffer, ruleset))
        return
    try:
        with file.open("rb") as lines:
            _write_lines(match_lines(lines, ruleset))
    except OSError as exc:
        raise _cannot_read(file, exc) from exc


def _write_lines(lines: "Iterable[bytes]") -> None:
    for line in lines:
        sys.stdout.buffer.write(line)
    sys.stdout.buffer.flush()


def _cannot_read(file: Path, exc: OSError) -> Exception:
    from silkwire.errors import ConfigError

    return ConfigError(f"cannot be read: {exc.strerror}", file=file)


@app.command()
def explain(
    text: Annotated[str, typer.Argument(help="A headline, or - to read it from standard input.")],
    summary: Annotated[str | None, typer.Option(help="The summary that goes with it.")] = None,
    language: Annotated[str | None, typer.Option(help="Its language, such as en or zh.")] = None,
) -> None:
    """Show why one text matches: its spans, rules and weights.

    \b
    Examples:
      silkwire topics explain "China tells its AI leaders to avoid U.S. travel"
      silkwire topics explain - --language zh < headline.txt
    """
    from rich.console import Console

    from silkwire.topics import match_topics
    from silkwire.topics.show import show_decision

    title = sys.stdin.read().strip() if text == "-" else text
    console = Console(highlight=False)
    for decision in match_topics(title, summary, language, _load()):
        console.print(show_decision(decision, title, summary))


@app.command()
def evaluate(
    file: Annotated[Path, typer.Argument(help="Labelled items, tab-separated (docs/topics.md).")],
    held_out: Annotated[
        bool, typer.Option("--held-out", help="Only the items that training never saw.")
    ] = False,
    trained: Annotated[
        bool, typer.Option("--trained", help="Only the items that training may have seen.")
    ] = False,
    errors: Annotated[bool, typer.Option(help="List the errors below the tables.")] = True,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object instead.")] = False,
) -> None:
    """Measure the rules on labelled items: P, R, F1 by topic, language and stratum.

    The bar is set on the rows that are sure; 95% intervals are Wilson's; weighted figures count
    each item for those it stands for. Honest figures are those of --held-out.

    \b
    Examples:
      silkwire topics evaluate labelled.tsv --held-out --no-errors
      silkwire topics evaluate labelled.tsv --trained
    """
    from silkwire.errors import ConfigError
    from silkwire.topics.evaluate import is_held_out, match_items, read_labelled

    if held_out and trained:
        raise ConfigError("--held-out and --trained exclude each other")
    ruleset = _load()
    items = read_labelled(file, [rules.topic for rules in ruleset.topics])
    if held_out or trained:
        items = [item for item in items if is_held_out(item.item_id) == held_out]
    decisions = list(match_items(items, ruleset))
    _print_measurement(decisions, is_json=as_json, is_listing=errors)


def _print_measurement(
    decisions: "list[LabelledDecision]", *, is_json: bool, is_listing: bool
) -> None:
    import json

    from rich.console import Console

    from silkwire.topics.report import build_table, describe_scores, group_by_topic, list_errors

    if is_json:
        typer.echo(json.dumps(describe_scores(decisions)))
        return
    console = Console(highlight=False)
    console.width = max(console.width, 110)
    for topic, members in group_by_topic(decisions).items():
        console.print(build_table(topic, members))
    for line in list_errors(decisions) if is_listing else ():
        console.print(line, markup=False, soft_wrap=True)


@app.command()
def check() -> None:
    """Check the topic rules: exit 2 and one sentence with file and line if one is wrong.

    \b
    Example:
      SILKWIRE_CONFIG_DIR=my-config silkwire topics check
    """
    ruleset = _load()
    for rules in ruleset.topics:
        model = f"{len(rules.model.weights)} weights" if rules.model else "no model"
        typer.echo(
            f"{rules.topic}: {len(rules.group_names)} groups, {len(rules.rules)} rules, {model}"
        )
    typer.echo(f"ruleset {ruleset.version[:12]}: no mistakes found")


@app.command()
def adopt(
    version: Annotated[
        str | None,
        typer.Argument(help="Refuse if the configured rules are not this version."),
    ] = None,
    since: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M"],
            help="Read the archive, for what is not remembered any more, from then on only (UTC).",
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object instead.")] = False,
) -> None:
    """Have the configured rules decide on all that is there, not only on what comes.

    Every text of the warehouse is judged by them; entries that were off topic and are not any more
    come in, read whole from the archive and validated like any other. Decisions of other rules stay
    under their version. May be run again, and goes on where it was stopped. See first what
    `silkwire replay --ruleset` says: what that has read of the archive is not read again.

    \b
    Examples:
      silkwire topics adopt
      silkwire topics adopt 3f2a91c04b7e
      silkwire topics adopt --since 2026-09-01
    """
    import json
    from dataclasses import asdict

    from silkwire.cli.output.progress import RunProgress
    from silkwire.cli.stopping import explain_stop
    from silkwire.config import read_settings
    from silkwire.pipeline import open_context
    from silkwire.pipeline.rules.adopt import adopt_rules

    with (
        explain_stop("stopped; `silkwire topics adopt` goes on from there"),
        RunProgress() as progress,
        open_context(read_settings()) as ctx,
    ):
        from_then = since and since.replace(tzinfo=UTC)
        report = adopt_rules(ctx, version, since=from_then, progress=progress)
    if as_json:
        typer.echo(json.dumps(asdict(report)))
        return
    for line in _describe_adoption(report):
        typer.echo(line)


def _describe_adoption(report: "AdoptionReport") -> "Iterable[str]":
    from silkwire.cli.output.tables import escape_controls

    name, loaded = report.ruleset[:12], report.outcomes
    if report.replaced == report.ruleset:
        yield f"Rules {name} were in force already."
    else:
        yield f"Rules {name} are in force; before: {(report.replaced or 'none')[:12]}."
    counts = ", ".join(f"{count:,} {fate}" for fate, count in sorted(loaded.items())) or "none"
    yield f"{report.texts_judged:,} texts judged; entries off topic that came in: {counts}."
    if report.unread:
        yield (
            f"{report.unread:,} entries that these rules would gain stay off topic: they are not in"
            " the archive any more, or are read otherwise now."
        )
    if report.off_topic_unread:
        yield (
            f"{report.off_topic_unread:,} entries off topic could not be judged: they have no"
            " summary, and their documents are gone from the archive."
        )
    yield from map(escape_controls, describe_reading(report.archive))
