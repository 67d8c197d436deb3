"""`silkwire topics evaluate`: measure the rules on labelled items."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from silkwire.cli.options import AsJson, print_json
from silkwire.config import read_settings
from silkwire.errors import ConfigError

if TYPE_CHECKING:
    from silkwire.topics.evaluate import LabelledDecision


def evaluate(
    file: Annotated[
        Path, typer.Argument(help="Labelled items as tab-separated values (see docs/topics.md).")
    ],
    held_out: Annotated[
        bool, typer.Option("--held-out", help="Only the items that training never uses.")
    ] = False,
    trained: Annotated[
        bool, typer.Option("--trained", help="Only the items that training may use.")
    ] = False,
    errors: Annotated[bool, typer.Option(help="List the errors below the tables.")] = True,
    is_json: AsJson = False,
) -> None:
    """Measure the rules on labelled items: precision, recall, F1 by topic, language, stratum.

    The rows "sure" count only items whose label is certain. The 95% intervals are
    Wilson's. Weighted figures multiply each item by its weight. Without
    --held-out the figures include items to which rules and model were fitted.

    Examples:
      silkwire topics evaluate labelled.tsv --held-out --no-errors
      silkwire topics evaluate labelled.tsv --trained
    """
    from silkwire.topics import load_ruleset
    from silkwire.topics.evaluate import is_held_out, match_items, read_labelled

    if held_out and trained:
        raise ConfigError("--held-out and --trained exclude each other: give one of them")
    ruleset = load_ruleset(read_settings().config_dir)
    items = read_labelled(file, [rules.topic for rules in ruleset.topics])
    if held_out or trained:
        items = [item for item in items if is_held_out(item.item_id) == held_out]
    _print_measurement(list(match_items(items, ruleset)), is_json=is_json, is_listing=errors)


def _print_measurement(
    decisions: "list[LabelledDecision]", *, is_json: bool, is_listing: bool
) -> None:
    from rich.console import Console

    from silkwire.topics.report import build_table, describe_scores, group_by_topic, list_errors

    if is_json:
        print_json(describe_scores(decisions))
        return
    console = Console(highlight=False, markup=False, emoji=False)
    console.width = max(console.width, 110)
    for topic, members in group_by_topic(decisions).items():
        console.print(build_table(topic, members))
    for line in list_errors(decisions) if is_listing else ():
        console.print(line, markup=False, soft_wrap=True)
