"""Read and run analysts' questions: files `sql/queries/NAME.sql` with the question in line 1.

    -- What is new on a topic?
    -- param topic: any  ai, china_travel or any
    -- param limit: 30  how many at most
    SELECT … WHERE :topic = 'any' … LIMIT :limit

A parameter has a name, a default and, after two spaces, its meaning. It is a count if its default
is a number, an instant if its default is `now`, else text.
"""

import difflib
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

QUERIES_DIR = SQL_DIR / "queries"

_PARAM = re.compile(r"-- param (?P<name>[a-z][a-z0-9_]*): (?P<default>\S.*?)  +(?P<help>\S.*)")
_BIND = re.compile(r"(?<![:\w]):([a-z][a-z0-9_]*)")
_COMMENT = re.compile(r"--[^\n]*")
_NOW = "now"
_MAX_COUNT = 1_000_000
"""The maximum of a count. As days before now it is the year -713, which PostgreSQL can store."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """A named parameter of a query, of the type of its default."""

    name: str
    default: int | str
    help: str


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


def read_queries(folder: Path = QUERIES_DIR) -> tuple[Query, ...]:
    """All queries in the order of their names. Raises ConfigError for a malformed file."""
    return tuple(_read_query(file) for file in sorted(folder.glob("*.sql")))


def find_query(name: str, folder: Path = QUERIES_DIR) -> Query:
    """The query of that name. Raises ConfigError naming a similar one, or all."""
    names = [file.stem for file in sorted(folder.glob("*.sql"))]
    if name in names:
        return _read_query(folder / f"{name}.sql")
    raise ConfigError(f'there is no query "{name}"; {_suggest(name, names)}')


def bind_parameters(query: Query, given: Mapping[str, str]) -> dict[str, int | str]:
    """Every parameter with its given value or its default. Raises ConfigError."""
    known = {parameter.name: parameter for parameter in query.parameters}
    for name in given:
        if name not in known:
            hint = _suggest(name, list(known)) if known else "it takes none"
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
            result = connection.execute(text(query.statement), values)
            return QueryResult(tuple(result.keys()), tuple(tuple(row) for row in result))
    except SQLAlchemyError as exc:
        raise WarehouseError(f"the query {query.name} failed: {describe_error(exc)}") from exc


def _read_query(file: Path) -> Query:
    lines = file.read_text("utf-8").splitlines()
    first = lines[0] if lines else ""
    if not first.startswith("-- ") or not first.endswith("?"):
        raise ConfigError("the first line must be the question: -- …?", file=file, line=1)
    parameters = tuple(
        _read_parameter(file, number, line)
        for number, line in enumerate(lines, 1)
        if line.startswith("-- param")
    )
    # without comments, in which SQLAlchemy would take a colon before a word for a parameter
    statement = "\n".join(_COMMENT.sub("", line).rstrip() for line in lines).strip().rstrip(";")
    declared, used = {parameter.name for parameter in parameters}, set(_BIND.findall(statement))
    if declared != used:
        names = ", ".join(sorted(declared ^ used))
        raise ConfigError(f"declared but not used, or used but not declared: {names}", file=file)
    return Query(file.stem, first.removeprefix("-- "), parameters, statement)


def _read_parameter(file: Path, number: int, line: str) -> Parameter:
    match = _PARAM.fullmatch(line)
    if match is None:
        message = "a parameter is declared as: -- param name: default  what it means"
        raise ConfigError(message, file=file, line=number)
    default = match["default"]
    is_integer = re.fullmatch(r"-?\d+", default) is not None
    return Parameter(match["name"], int(default) if is_integer else default, match["help"])


def _convert(parameter: Parameter, value: str) -> int | str:
    if isinstance(parameter.default, int):
        return _read_count(parameter.name, value)
    if parameter.default == _NOW:
        return _read_instant(parameter.name, value)
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


def _suggest(name: str, known: list[str]) -> str:
    near = difflib.get_close_matches(name, known, n=1)
    return f'did you mean "{near[0]}"?' if near else f"there are: {', '.join(known)}"
