"""`silkwire topics`: decide, explain, measure and check the topic rules. No database."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
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


def _write_lines(lines: "object") -> None:
    for line in lines:  # type: ignore[attr-defined]
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
