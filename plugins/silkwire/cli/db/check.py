"""`silkwire db check`: validate the warehouse with Great Expectations."""

from typing import TYPE_CHECKING, Any

import typer
from rich.table import Table
from rich.text import Text

from silkwire.cli.options import AsJson, print_json
from silkwire.cli.output.console import Indented, open_console
from silkwire.config import read_settings

if TYPE_CHECKING:
    from silkwire.pipeline.upkeep.check import WarehouseCheck
    from silkwire.validate.engine.tables import CheckedExpectation


def check(is_json: AsJson = False) -> None:
    """Check the warehouse with Great Expectations: keys, sums, duplicates, gaps, freshness.

    It changes nothing and stores its results in ops.expectation_result.

    Exit code 1 if an expectation fails.

    Examples:
      silkwire db check
      silkwire db check --json | jq '.expectations[] | select(.is_success | not)'
    """
    from silkwire.pipeline import open_context
    from silkwire.pipeline.upkeep.check import check_warehouse

    with open_context(read_settings()) as ctx:
        found = check_warehouse(ctx)
    if is_json:
        print_json(_describe(found))
    else:
        _print(found)
    raise typer.Exit(1 if found.failed else 0)


def _describe(found: "WarehouseCheck") -> dict[str, Any]:
    return {
        "run_id": found.run_id,
        "is_sound": not found.failed,
        "expectations": [_describe_one(checked) for checked in found.checked],
    }


def _describe_one(checked: "CheckedExpectation") -> dict[str, Any]:
    return {
        "expectation": checked.check.name,
        "relation": checked.relation.name,
        "rule": checked.check.rule,
        "why": checked.check.why,
        "is_success": checked.result.is_success,
        "element_count": checked.result.element_count,
        "unexpected_count": checked.result.unexpected_count,
        "examples": {checked.relation.key: list(checked.examples)},
    }


def _print(found: "WarehouseCheck") -> None:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    table.add_column("")
    table.add_column("expected", overflow="fold")
    table.add_column("rows", justify="right")
    table.add_column("failing", justify="right")
    for checked in found.checked:
        result = checked.result
        table.add_row(
            Text("✓", "green") if result.is_success else Text("✗", "bold red"),
            Text(checked.check.rule),
            f"{result.element_count:,}",
            f"{result.unexpected_count:,}" if result.unexpected_count else "",
        )
    console = open_console()
    console.print(Indented(table, by=0))
    for checked in found.failed:
        console.print(Indented(_explain(checked), by=0))
    if not found.failed:
        console.print("All expectations hold.")


def _explain(checked: "CheckedExpectation") -> Text:
    text = Text(f"\n{checked.check.name}", "bold red")
    text.append(f"  {checked.check.why}", "default")
    if checked.examples:
        text.append(f"\n  {checked.relation.key}: {', '.join(checked.examples)}", "dim")
    return text
