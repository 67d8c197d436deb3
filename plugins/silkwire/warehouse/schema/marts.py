"""The views and functions of `sql/marts`: one a file, file name = name, in the order of references.

    -- One row an edit: what a feed showed of an article before and after.
    -- column edited_at: when the feed was read that showed the text after
    CREATE VIEW mart.article_edits AS …

The first comment is the object's description, `-- column` that of a column; a line that begins with
`--   ` continues it. Both become comments in the database.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from silkwire.errors import WarehouseError

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_COMMENT = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)
_REFERENCE = re.compile(r"\bmart\.([a-z][a-z0-9_]*)")
_COLUMN = re.compile(r"column ([a-z][a-z0-9_]*): +(.*)")
_FOUND = """
SELECT relname::text AS name, format('VIEW %%s', oid::regclass) AS object
FROM pg_catalog.pg_class
WHERE relkind = 'v' AND relnamespace = to_regnamespace('mart') AND relname = ANY(%(names)s)
UNION ALL
SELECT proname::text, format('FUNCTION %%s', oid::regprocedure)
FROM pg_catalog.pg_proc
WHERE pronamespace = to_regnamespace('mart') AND proname = ANY(%(names)s)
"""


@dataclass(frozen=True, slots=True)
class Mart:
    """One view or function: its statement as written, and the others that it reads."""

    name: str
    kind: str
    """VIEW or FUNCTION."""
    statement: str
    description: str
    """The file's first comment."""
    columns: tuple[tuple[str, str], ...]
    """The columns that are described, each with its description."""
    reads: frozenset[str]


def read_marts(folder: Path) -> list[Mart]:
    """All of `folder`, each after those that it reads. Raises WarehouseError."""
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
    described = [_COLUMN.fullmatch(column) for column in columns]
    reads = frozenset(_REFERENCE.findall(code)) - {path.stem}
    found = tuple((match[1], match[2]) for match in described if match)
    return Mart(path.stem, create[1], text, description, found, reads)


def _read_comments(text: str) -> Iterator[str]:
    """The description, then each `column …`, of the comment lines that the file begins with."""
    comment = ""
    for line in text.lstrip().splitlines():
        if not line.startswith("--"):
            break
        part = line.removeprefix("--").removeprefix(" ")
        if part.startswith("column "):
            yield comment
            comment = part
        else:
            comment = f"{comment} {part.strip()}".strip()
    yield comment


def drop_marts(connection: Connection, names: Iterable[str]) -> None:
    """Drop the views and functions of these names, given in the order in which they were made,
    and no others: if somebody's own view reads one, PostgreSQL's error names it."""
    order = list(names)
    found = connection.exec_driver_sql(_FOUND, {"names": order}).all()
    for row in sorted(found, key=lambda row: order.index(row.name), reverse=True):
        run_statement(connection, f"DROP {row.object}")


def create_marts(connection: Connection, marts: Iterable[Mart]) -> None:
    """Create them in the given order, each with what describes it."""
    for mart in marts:
        try:
            run_statement(connection, mart.statement)
            for statement in _comment_on(mart):
                run_statement(connection, statement)
        except SQLAlchemyError as exc:
            reason = str(getattr(exc, "orig", None) or exc).replace("\n", "; ")
            message = f"the {mart.kind.lower()} mart.{mart.name} cannot be made: {reason}"
            raise WarehouseError(message) from exc


def _comment_on(mart: Mart) -> Iterator[str]:
    yield f"COMMENT ON {mart.kind} mart.{mart.name} IS {_quote(mart.description)}"
    for column, description in mart.columns:
        yield f"COMMENT ON COLUMN mart.{mart.name}.{column} IS {_quote(description)}"


def _quote(description: str) -> str:
    return "'" + description.replace("'", "''") + "'"


def run_statement(connection: Connection, statement: str) -> None:
    """Run it as it stands: a `%` in it is a `%`."""
    connection.exec_driver_sql(statement, execution_options={"no_parameters": True})
