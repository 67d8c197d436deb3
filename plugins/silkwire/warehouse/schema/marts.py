"""The views and functions of `sql/marts`: one per file, named as the file.

    -- One row per edit: the text that a feed showed before and the text after.
    -- column edited_at: when the feed was first read with the text after
    CREATE VIEW mart.article_edits AS …

The first comment describes the object, `-- column` a column; a line that begins with `--   `
continues it. Both become comments in the database.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from silkwire.errors import WarehouseError
from silkwire.warehouse.engine import describe_error
from silkwire.warehouse.statements import read_statements

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_COMMENT = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)
_REFERENCE = re.compile(r"\bmart\.([a-z][a-z0-9_]*)")
_COLUMN = re.compile(r"column ([a-z][a-z0-9_]*): +(.*)")
_SQL = read_statements(__file__)


@dataclass(frozen=True, slots=True)
class Mart:
    """One view or function. `reads` has the names of the other ones that it reads."""

    name: str
    kind: str
    """VIEW or FUNCTION."""
    statement: str
    description: str
    columns: dict[str, str]
    """Descriptions of columns by name."""
    reads: frozenset[str]


def read_marts(folder: Path) -> list[Mart]:
    """The views and functions of `folder`, each after those it reads. Raises WarehouseError."""
    marts = {path.stem: _read_mart(path) for path in sorted(folder.glob("*.sql"))}
    try:
        order = TopologicalSorter({name: mart.reads & marts.keys() for name, mart in marts.items()})
        return [marts[name] for name in order.static_order()]
    except CycleError as exc:
        raise WarehouseError(
            f"views read each other in a circle: {' → '.join(exc.args[1])}"
        ) from exc


def _read_mart(path: Path) -> Mart:
    text = path.read_text("utf-8")
    code = _COMMENT.sub("", text).strip()
    create = re.match(rf"CREATE (VIEW|FUNCTION) mart\.{re.escape(path.stem)}\b", code)
    if not _NAME.fullmatch(path.stem) or not create:
        raise WarehouseError(
            f"{path}: must begin with CREATE VIEW mart.{path.stem}"
            f" or CREATE FUNCTION mart.{path.stem}"
        )
    description, *columns = _read_comments(text)
    described = {match[1]: match[2] for match in map(_COLUMN.fullmatch, columns) if match}
    reads = frozenset(_REFERENCE.findall(code)) - {path.stem}
    return Mart(path.stem, create[1], text, description, described, reads)


def _read_comments(text: str) -> list[str]:
    """Read the comment lines at the top of the file: the description, then each `column …`."""
    head = re.split(r"^(?!--)", text.lstrip(), maxsplit=1, flags=re.MULTILINE)[0]
    joined = re.sub(r"\n--(?! column ) *", " ", head.rstrip())
    return [line.removeprefix("--").strip() for line in joined.splitlines()] or [""]


def drop_marts(connection: Connection, names: Iterable[str]) -> None:
    """Drop the views and functions of these names, which are in the order of their creation.

    Nothing else is dropped: if a user's own view reads one, PostgreSQL's error names that view.
    """
    order = list(names)
    found = connection.execute(_SQL["found"], {"names": order}).all()
    for row in sorted(found, key=lambda row: order.index(row.name), reverse=True):
        run_statement(connection, f"DROP {row.object}")


def create_marts(connection: Connection, marts: Iterable[Mart]) -> None:
    """Create them in the given order, with their comments."""
    for mart in marts:
        try:
            run_statement(connection, mart.statement)
            for statement in _comment_on(mart):
                run_statement(connection, statement)
        except SQLAlchemyError as exc:
            name = f"{mart.kind.lower()} mart.{mart.name}"
            raise WarehouseError(f"the {name} cannot be made: {describe_error(exc)}") from exc


def _comment_on(mart: Mart) -> Iterator[str]:
    yield f"COMMENT ON {mart.kind} mart.{mart.name} IS {quote(mart.description)}"
    for column, description in mart.columns.items():
        yield f"COMMENT ON COLUMN mart.{mart.name}.{column} IS {quote(description)}"


def quote(text: str) -> str:
    """A string literal: PostgreSQL's COMMENT takes no parameters."""
    return "'" + text.replace("'", "''") + "'"


def run_statement(connection: Connection, statement: str) -> None:
    """Run a statement without parameters, so that a `%` in it stays a `%`."""
    connection.exec_driver_sql(statement, execution_options={"no_parameters": True})
