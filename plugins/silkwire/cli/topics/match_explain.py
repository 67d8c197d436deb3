"""`silkwire topics match` and `explain`: match texts with the configured rules."""

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from silkwire.cli.output.console import open_console
from silkwire.config import read_settings
from silkwire.errors import ConfigError


def match(
    file: Annotated[
        Path | None,
        typer.Argument(help="A file of JSON lines. Default: standard input."),
    ] = None,
) -> None:
    """Match texts with the topic rules: reads JSON lines, prints one JSON line for each.

    In:  {"id": 1, "title": "…", "summary": "…", "language": "en"}
    Out: {"id": 1, "topics": {"ai": {"decision": true, "score": 0.93,
          "scope": null, "factors": [], "evidence": [{"field": "title",
          "start": 0, "end": 2, "text": "AI", "rule": "…"}]}, …}}

    Either title or summary may be missing, and so may language.

    Examples:
      echo '{"id": 1, "title": "China eases visa rules"}' | silkwire topics match
      silkwire topics match items.jsonl > decisions.jsonl
    """
    from silkwire.topics import load_ruleset
    from silkwire.topics.lines import match_lines

    ruleset = load_ruleset(read_settings().config_dir)
    if file is None:
        _write_lines(match_lines(sys.stdin.buffer, ruleset))
        return
    try:
        with file.open("rb") as lines:
            _write_lines(match_lines(lines, ruleset))
    except OSError as exc:
        raise ConfigError(f"cannot be read: {exc.strerror}", file=file) from exc


def _write_lines(lines: Iterable[bytes]) -> None:
    for line in lines:
        sys.stdout.buffer.write(line)
    sys.stdout.buffer.flush()


def explain(
    text: Annotated[str, typer.Argument(help="A headline, or - to read it from standard input.")],
    summary: Annotated[str | None, typer.Option(help="Its summary. Default: none.")] = None,
    language: Annotated[
        str | None, typer.Option(help="Its language, such as en or zh. Default: unknown.")
    ] = None,
) -> None:
    """Show why a text matches a topic or not: matched words, rules and weights.

    Words for the topic are green, words against it are red.

    Examples:
      silkwire topics explain "China tells its AI leaders to avoid U.S. travel"
      silkwire topics explain - --language zh < headline.txt
    """
    from silkwire.topics import load_ruleset, match_topics
    from silkwire.topics.show import show_decision

    title = sys.stdin.read().strip() if text == "-" else text
    ruleset, console = load_ruleset(read_settings().config_dir), open_console()
    for decision in match_topics(title, summary, language, ruleset):
        console.print(show_decision(decision, title, summary))
