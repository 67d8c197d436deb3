"""The views of `sql/marts`: one a file, file name = view name, in the order of their references."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from silkwire.errors import WarehouseError

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_COMMENT = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)
_REFERENCE = re.compile(r"\bmart\.([a-z][a-z0-9_]*)")


@dataclass(frozen=True, slots=True)
class Mart:
    """One view: its statement as written, and the other views that it reads."""

    name: str
    statement: str
    description: str
    """The file's first comment line."""
    reads: frozenset[str]


def read_marts(folder: Path) -> list[Mart]:
    """The views of `folder`, each after those that it reads. Raises WarehouseError."""
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
    create = re.compile(rf"CREATE VIEW mart\.{re.escape(path.stem)}\b")
    if not _NAME.fullmatch(path.stem) or not create.match(code):
        raise WarehouseError(f"{path}: must begin with CREATE VIEW mart.{path.stem}")
    first = text.lstrip().splitlines()[0]
    description = first.removeprefix("--").strip() if first.startswith("--") else ""
    reads = frozenset(_REFERENCE.findall(code)) - {path.stem}
    return Mart(path.stem, text, description, reads)


def drop_views(connection: Connection, names: Iterable[str]) -> None:
    """Drop the views of that name that exist in schema `mart`, all at once and no others:
    if somebody's own view reads one of them, that is an error of PostgreSQL that names it."""
    found = connection.exec_driver_sql(
        "SELECT viewname FROM pg_catalog.pg_views WHERE schemaname = 'mart' AND viewname = ANY(%s)",
        (sorted(names),),
    ).scalars()
    views = [f"mart.{name}" for name in found]
    if views:
        run_statement(connection, f"DROP VIEW {', '.join(views)}")


def create_views(connection: Connection, marts: Iterable[Mart]) -> None:
    """Create the views in the given order, each with its description."""
    for mart in marts:
        try:
            run_statement(connection, mart.statement)
        except SQLAlchemyError as exc:
            reason = str(getattr(exc, "orig", None) or exc).replace("\n", "; ")
            raise WarehouseError(f"the view mart.{mart.name} cannot be made: {reason}") from exc
        comment = mart.description.replace("'", "''")
        run_statement(connection, f"COMMENT ON VIEW mart.{mart.name} IS '{comment}'")


def run_statement(connection: Connection, statement: str) -> None:
    """Run it as it stands: a `%` in it is a `%`."""
    connection.exec_driver_sql(statement, execution_options={"no_parameters": True})
