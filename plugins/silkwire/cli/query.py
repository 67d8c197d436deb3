"""`silkwire query`: run a query of `sql/queries/` and print its rows."""

import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from silkwire.cli.options import AsJson, print_json
from silkwire.cli.output.console import Indented, open_console
from silkwire.cli.output.tables import draw_answer, escape_controls, write_csv, write_json
from silkwire.config import read_settings
from silkwire.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from silkwire.warehouse.queries import Query, QueryResult


def query(
    name: Annotated[
        str | None, typer.Argument(help="The query to run. Without it, all queries are listed.")
    ] = None,
    *,
    param: Annotated[
        list[str] | None,
        typer.Option(
            "--param",
            "-p",
            metavar="NAME=VALUE",
            help="Set a parameter of the query; may be repeated. The list shows every parameter "
            "with its default.",
        ),
    ] = None,
    bar: Annotated[
        str | None,
        typer.Option(
            "--bar", metavar="COLUMN", help="Add a bar chart of this numeric column to the table."
        ),
    ] = None,
    plot: Annotated[
        Path | None,
        typer.Option(
            "--plot",
            metavar="FILE.svg",
            help="With --bar: also write a chart of that column to this file.",
        ),
    ] = None,
    is_csv: Annotated[bool, typer.Option("--csv", help="Print CSV instead of a table.")] = False,
    is_excel: Annotated[
        bool, typer.Option("--excel", help="Print CSV that Excel reads as UTF-8.")
    ] = False,
    is_json: AsJson = False,
) -> None:
    """Run one of the queries that come with silkwire; without NAME, list them.

    A query is the file sql/queries/NAME.sql. It only reads, from the views of the
    schema mart. Times are in UTC. If `limit` cuts an answer, the last line says
    how many rows there are.

    Examples:
      silkwire query
      silkwire query latest_articles -p topic=china_travel -p hours=6
      silkwire query volume_against_norm -p until=2026-03-01 -p "outlet=The Post"
      silkwire query topic_trend --bar article_count --plot trend.svg
      silkwire query edited_headlines --csv > edits.csv
      silkwire query latest_articles -p language=zh --excel > articles.csv
    """
    from silkwire.warehouse.queries import bind_parameters, find_query

    is_csv = is_csv or is_excel
    if is_csv + is_json + (bar is not None) > 1:
        raise ConfigError("--csv, --json and --bar exclude each other: give one of them")
    if plot is not None and (bar is None or plot.suffix.lower() != ".svg"):
        raise ConfigError("--plot writes a .svg file and needs --bar COLUMN, the column to draw")
    given = _read_params(param or [])
    if name is None:
        if given or is_csv or bar:
            raise ConfigError("name the query that this is for; `silkwire query` lists them")
        _list_queries(is_json=is_json)
        return
    found = find_query(name)
    values = bind_parameters(found, given)  # a wrong parameter fails before the warehouse opens
    result = _run_query(found, given)
    if is_csv:
        sys.stdout.reconfigure(newline="", **({"encoding": "utf-8"} if is_excel else {}))  # type: ignore[union-attr]
        sys.stdout.write(write_csv(result, is_excel=is_excel))
        if result.row_total is not None:
            typer.echo(_count_rows(result), err=True)
    elif is_json:
        total = len(result.rows) if result.row_total is None else result.row_total
        fields = {"query": name, "question": found.question, "parameters": values}
        typer.echo(write_json(result, **fields, row_total=total))
    else:
        _print_table(found, result, values, bar, plot)


def _read_params(params: list[str]) -> dict[str, str]:
    given = {}
    for param in params:
        name, equals, value = param.partition("=")
        if not equals or not name:
            raise ConfigError(f'"{param}" is not of the form NAME=VALUE')
        given[name.strip()] = value
    return given


def _run_query(found: "Query", given: dict[str, str]) -> "QueryResult":
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


def _print_table(
    found: "Query",
    result: "QueryResult",
    values: "Mapping[str, int | str]",
    bar: str | None,
    plot: Path | None,
) -> None:
    from silkwire.cli.output.bars import add_bars

    console = open_console()
    console.print(Indented(Text(found.question, "bold"), by=0))
    if not result.rows:
        asked = ", ".join(
            f"{parameter.name}={values[parameter.name]}"
            for parameter in found.parameters
            if not parameter.is_filter or values[parameter.name] != parameter.default
        )
        said = f"Nothing yet with {escape_controls(asked)}." if asked else "Nothing yet."
        console.print(said, style="dim")
        return
    shown = add_bars(result, bar) if bar else result
    console.print(Indented(draw_answer(shown, console.width), by=0))
    console.print(_count_rows(result), style="dim")
    if bar and plot:
        _write_plot(found, result, bar, plot)
        console.print(f"The chart is in {plot}", style="dim", soft_wrap=True)


def _count_rows(result: "QueryResult") -> str:
    count = len(result.rows)
    if result.row_total is not None:
        if result.is_more:
            return f"{count} of more than {result.row_total} rows; -p limit=… shows more"
        return f"{count} of {result.row_total} rows; -p limit={result.row_total} shows all"
    return f"{count} row{'' if count == 1 else 's'}"


def _write_plot(found: "Query", result: "QueryResult", column: str, file: Path) -> None:
    from silkwire.cli.output.plot import draw_plot

    picture = draw_plot(result, column, found.name)
    try:
        file.write_text(picture, "utf-8")
    except OSError as exc:
        raise ConfigError(f"the chart cannot be written: {exc.strerror}", file=file) from exc


def _list_queries(*, is_json: bool) -> None:
    from silkwire.warehouse.queries import read_queries

    queries = read_queries()
    if is_json:
        shown = ("name", "question", "parameters")
        print_json({"queries": [{key: asdict(one)[key] for key in shown} for one in queries]})
        return
    console = open_console()
    for found in queries:
        console.print(found.name, style="bold cyan")
        console.print(f"  {found.question}")
        filters = [f"-p {one.name}={one.default}" for one in found.parameters if one.is_filter]
        if filters:
            console.print(f"    {' '.join(filters)}", style="dim")
        for parameter in found.parameters:
            if not parameter.is_filter:
                default = f"-p {parameter.name}={parameter.default}"
                console.print(f"    {default:<18} {parameter.help}", style="dim")
