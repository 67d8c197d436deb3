"""`silkwire query`: analysts' questions of the warehouse."""

import sys
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from silkwire.warehouse.queries import Query, QueryResult


def query(
    name: Annotated[
        str | None, typer.Argument(help="Which question; without it all are listed.")
    ] = None,
    param: Annotated[
        list[str] | None,
        typer.Option("--param", "-p", metavar="NAME=VALUE", help="Set a parameter; repeatable."),
    ] = None,
    bar: Annotated[
        str | None,
        typer.Option(
            "--bar", metavar="COLUMN", help="Draw this column's numbers beside the table."
        ),
    ] = None,
    is_csv: Annotated[bool, typer.Option("--csv", help="Write CSV.")] = False,
    is_json: Annotated[bool, typer.Option("--json", help="Write one JSON object.")] = False,
) -> None:
    """Answer a question from the warehouse; without NAME, list the questions.

    The statements are `sql/queries/NAME.sql`. They read the views of `mart` and change nothing.

    \b
    Examples:
      silkwire query
      silkwire query latest_articles -p topic=china_travel -p hours=6
      silkwire query volume_against_norm -p until=2026-03-01 -p "outlet=The Post"
      silkwire query topic_trend --bar article_count
      silkwire query edited_headlines --csv > edits.csv
    """
    from silkwire.cli.output.bars import add_bars
    from silkwire.cli.output.tables import write_csv, write_json
    from silkwire.errors import ConfigError
    from silkwire.warehouse.queries import bind_parameters, find_query

    if is_csv + is_json + (bar is not None) > 1:
        raise ConfigError("--csv, --json and --bar exclude each other")
    given = _read_params(param or [])
    if name is None:
        if given or is_csv or bar:
            raise ConfigError("name the query that this is for; `silkwire query` lists them")
        _list_queries(is_json=is_json)
        return
    found = find_query(name)
    values = bind_parameters(found, given)  # before the warehouse is asked for
    result = _answer(found, given)
    if is_csv:
        sys.stdout.reconfigure(newline="")  # type: ignore[union-attr]
        sys.stdout.write(write_csv(result))
    elif is_json:
        typer.echo(write_json(result, query=name, question=found.question, parameters=values))
    else:
        _print_table(found, add_bars(result, bar) if bar else result, values)


def _read_params(params: list[str]) -> dict[str, str]:
    from silkwire.errors import ConfigError

    given = {}
    for param in params:
        name, equals, value = param.partition("=")
        if not equals or not name:
            raise ConfigError(f'"{param}" is not of the form NAME=VALUE')
        given[name.strip()] = value
    return given


def _answer(found: "Query", given: dict[str, str]) -> "QueryResult":
    from silkwire.config import read_settings
    from silkwire.warehouse.engine import open_engine
    from silkwire.warehouse.queries import run_query
    from silkwire.warehouse.schema.migrate import require_current

    settings = read_settings()
    engine = open_engine(settings)
    try:
        require_current(engine, may_upgrade=settings.warehouse_url is None)
        with engine.connect() as connection:
            return run_query(connection, found, given)
    finally:
        engine.dispose()


def _print_table(found: "Query", result: "QueryResult", values: "Mapping[str, int | str]") -> None:
    from rich.text import Text

    from silkwire.cli.output.console import Indented, open_console
    from silkwire.cli.output.tables import draw_answer, escape_controls

    console = open_console()
    console.print(Indented(Text(found.question, "bold"), by=0))
    if not result.rows:
        asked = ", ".join(f"{name}={value}" for name, value in values.items())
        said = f"Nothing yet with {escape_controls(asked)}." if asked else "Nothing yet."
        console.print(Text(said, "dim"))
        return
    console.print(Indented(draw_answer(result, console.width), by=0))
    count = len(result.rows)
    console.print(f"{count} row{'' if count == 1 else 's'}", style="dim")


def _list_queries(*, is_json: bool) -> None:
    import json

    from silkwire.cli.output.console import open_console
    from silkwire.warehouse.queries import read_queries

    queries = read_queries()
    if is_json:
        typer.echo(json.dumps({"queries": [_describe(found) for found in queries]}))
        return
    console = open_console()
    for found in queries:
        console.print(found.name, style="bold cyan")
        console.print(f"  {found.question}")
        for parameter in found.parameters:
            default = f"-p {parameter.name}={parameter.default}"
            console.print(f"    {default:<18} {parameter.help}", style="dim")


def _describe(found: "Query") -> dict[str, object]:
    parameters = [
        {"name": parameter.name, "default": parameter.default, "help": parameter.help}
        for parameter in found.parameters
    ]
    return {"name": found.name, "question": found.question, "parameters": parameters}
