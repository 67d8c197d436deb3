"""Read and run analysts' questions: files `sql/queries/NAME.sql` with the question in line 1.

    -- What is new on a topic?
    -- filters: topic, outlet
    -- param limit: 30  how many at most
    SELECT … WHERE :topic = 'any' … LIMIT :limit

A parameter has a name, a default and, after two spaces, its meaning. It is a count if its default
is a number, an instant if its default is `now`, else text; `one|other|third` allows these values,
the first being the default. A filter is a parameter whose default is
`any`, and whose value must be one of `mart.known_values`. A statement that ends with `LIMIT :limit`
is run with room for more rows, to count those that the limit cuts.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, text
from sqlalchemy.exc import SQLAlchemyError

from silkwire.errors import ConfigError, WarehouseError
from silkwire.resources import SQL_DIR
from silkwire.warehouse.engine import describe_error
from silkwire.warehouse.known import require_known, suggest

QUERIES_DIR = SQL_DIR / "queries"

_PARAM = re.compile(r"-- param (?P<name>[a-z][a-z0-9_]*): (?P<default>\S.*?)  +(?P<help>\S.*)")
_BIND = re.compile(r"(?<![:\w]):([a-z][a-z0-9_]*)")
_COMMENT = re.compile(r"--[^\n]*")
_FILTERS = re.compile(r"-- filters: (?P<names>[a-z]+(?:, [a-z]+)*)")
_NOW, _ANY, _LIMIT = "now", "any", "limit"
_LAST_CLAUSE = f"LIMIT :{_LIMIT}"
FILTERS = {
    "topic": "a topic that there are rules for, such as ai",
    "outlet": "an outlet, as the feed list names it",
    "language": "a language such as en or zh",
    "feed": "the url of a feed, as listed",
    "tag": "a tag of feeds",
    "scope": "inbound, outbound, domestic, hkmo or crossstrait",
}
_COUNTED = 1_000
_MAX_COUNT = 1_000_000
"""The maximum of a count. As days before now it is the year -713, which PostgreSQL can store."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """A named parameter of a query, of the type of its default."""

    name: str
    default: int | str
    help: str
    choices: tuple[str, ...] = ()
    """The values that it may have; empty: any."""
    is_filter: bool = False
    """Whether it takes only what `mart.known_values` has of its name, or `any`."""


@dataclass(frozen=True, slots=True)
class Query:
    """A question, its parameters, and the statement that answers it."""

    name: str
    question: str
    parameters: tuple[Parameter, ...]
    statement: str


@dataclass(frozen=True, slots=True)
class QueryResult:
    """The answer, with values as the database driver returns them."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    row_total: int | None = None
    """How many rows there are without the limit; None: `rows` are all."""
    is_more: bool = False
    """Whether there are more than `row_total`, which is counted up to a maximum."""


def read_queries(folder: Path = QUERIES_DIR) -> tuple[Query, ...]:
    """All queries in the order of their names. Raises ConfigError for a malformed file."""
    return tuple(_read_query(file) for file in sorted(folder.glob("*.sql")))


def find_query(name: str, folder: Path = QUERIES_DIR) -> Query:
    """The query of that name. Raises ConfigError naming a similar one, or all."""
    names = [file.stem for file in sorted(folder.glob("*.sql"))]
    if name in names:
        return _read_query(folder / f"{name}.sql")
    raise ConfigError(f'there is no query "{name}"; {suggest(name, names)}')


def bind_parameters(query: Query, given: Mapping[str, str]) -> dict[str, int | str]:
    """Every parameter with its given value or its default. Raises ConfigError."""
    known = {parameter.name: parameter for parameter in query.parameters}
    for name in given:
        if name not in known:
            hint = suggest(name, list(known)) if known else "it takes none"
            raise ConfigError(f'the query {query.name} has no parameter "{name}"; {hint}')
    return {
        name: _convert(parameter, given[name]) if name in given else parameter.default
        for name, parameter in known.items()
    }


def run_query(
    connection: Connection, query: Query, given: Mapping[str, str] | None = None
) -> QueryResult:
    """Run `query` in a read-only transaction; `given` are parameters as text.

    The connection must not be in a transaction. Raises ConfigError if a parameter is unknown or of
    the wrong type, WarehouseError if the statement fails.
    """
    values = bind_parameters(query, given or {})
    try:
        with connection.begin():
            connection.exec_driver_sql("SET TRANSACTION READ ONLY")
            for parameter in query.parameters:
                if parameter.is_filter and values[parameter.name] != _ANY:
                    require_known(connection, parameter.name, str(values[parameter.name]))
            limit = values.get(_LIMIT) if query.statement.endswith(_LAST_CLAUSE) else None
            if isinstance(limit, int):  # some more rows tell how many are cut, in one pass
                values[_LIMIT] = max(limit, _COUNTED) + 1
            result = connection.execute(text(query.statement), values)
            return _cut(tuple(result.keys()), [tuple(row) for row in result], limit)
    except SQLAlchemyError as exc:
        raise WarehouseError(f"the query {query.name} failed: {describe_error(exc)}") from exc


def _cut(
    columns: tuple[str, ...], rows: list[tuple[Any, ...]], limit: int | str | None
) -> QueryResult:
    if not isinstance(limit, int) or len(rows) <= limit:
        return QueryResult(columns, tuple(rows))
    counted = max(limit, _COUNTED)
    return QueryResult(columns, tuple(rows[:limit]), min(len(rows), counted), len(rows) > counted)


def _read_query(file: Path) -> Query:
    lines = file.read_text("utf-8").splitlines()
    first = lines[0] if lines else ""
    if not first.startswith("-- ") or not first.endswith("?"):
        raise ConfigError("the first line must be the question: -- …?", file=file, line=1)
    parameters = tuple(
        parameter
        for number, line in enumerate(lines, 1)
        for parameter in _read_parameters(file, number, line)
    )
    # without comments, in which SQLAlchemy would take a colon before a word for a parameter
    statement = "\n".join(_COMMENT.sub("", line).rstrip() for line in lines).strip().rstrip(";")
    declared, used = {parameter.name for parameter in parameters}, set(_BIND.findall(statement))
    if declared != used:
        names = ", ".join(sorted(declared ^ used))
        raise ConfigError(f"declared but not used, or used but not declared: {names}", file=file)
    return Query(file.stem, first.removeprefix("-- "), parameters, statement)


def _read_parameters(file: Path, number: int, line: str) -> list[Parameter]:
    """The parameters that a line of the header declares."""
    if line.startswith("-- filters"):
        filters = _FILTERS.fullmatch(line)
        names = filters["names"].split(", ") if filters else []
        if not names or not FILTERS.keys() >= set(names):
            message = f"filters are declared as: -- filters: {', '.join(FILTERS)}"
            raise ConfigError(message, file=file, line=number)
        return [Parameter(name, _ANY, FILTERS[name], is_filter=True) for name in names]
    if not line.startswith("-- param"):
        return []
    match = _PARAM.fullmatch(line)
    if match is None:
        message = "a parameter is declared as: -- param name: default  what it means"
        raise ConfigError(message, file=file, line=number)
    default = match["default"]
    is_integer = re.fullmatch(r"-?\d+", default) is not None
    if is_integer:
        return [Parameter(match["name"], int(default), match["help"])]
    choices = tuple(default.split("|")) if "|" in default else ()
    return [Parameter(match["name"], choices[0] if choices else default, match["help"], choices)]


def _convert(parameter: Parameter, value: str) -> int | str:
    if isinstance(parameter.default, int):
        return _read_count(parameter.name, value)
    if parameter.default == _NOW:
        return _read_instant(parameter.name, value)
    if parameter.choices and value not in parameter.choices:
        hint = suggest(value, parameter.choices)
        raise ConfigError(f'{parameter.name} cannot be "{value}"; {hint}')
    if "\0" in value:
        raise ConfigError(f"{parameter.name} holds a NUL character")
    return value


def _read_count(name: str, value: str) -> int:
    if re.fullmatch(r"[0-9]{1,7}", value.strip()) and int(value) <= _MAX_COUNT:
        return int(value)
    raise ConfigError(f'{name} must be a whole number from 0 to {_MAX_COUNT}, not "{value}"')


def _read_instant(name: str, value: str) -> str:
    """Parse `now` or RFC 3339. Without an offset the time is in UTC; a date alone is midnight."""
    if value.strip().lower() == _NOW:
        return _NOW
    try:
        instant = datetime.fromisoformat(value.strip())
        instant = instant.replace(tzinfo=instant.tzinfo or UTC).astimezone(UTC)
    except (ValueError, OverflowError) as exc:
        message = f'{name} must be now or an instant such as 2026-03-01T12:00Z, not "{value}"'
        raise ConfigError(message) from exc
    return instant.isoformat().replace("+00:00", "Z")
