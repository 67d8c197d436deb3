"""Bringing a database up to date: migrations of `sql/migrations`, then `sql/marts`.

All of it is one transaction under one advisory lock, so that it is done or not begun, and two that
run at once do it once. A hash of the files, kept as a comment on `ops.alembic_version`, tells at
the price of one query that there is nothing to do.
"""

import hashlib
import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from silkwire.errors import WarehouseError
from silkwire.resources import SQL_DIR
from silkwire.warehouse.schema.marts import create_marts, drop_marts, read_marts, run_statement

_LOCK_KEY = 0x73696C6B77697265  # "silkwire"


@dataclass(frozen=True, slots=True)
class _Applied:
    """What the comment on `ops.alembic_version` says of the last upgrade."""

    hash: str
    views: tuple[str, ...]
    """Views and functions of `mart` in the order in which they were made."""


def upgrade(engine: Engine, sql_dir: Path = SQL_DIR) -> bool:
    """Bring the database to the newest state; whether there was anything to do.

    Raises WarehouseError if it is newer than this silkwire, or a statement fails: then nothing
    has changed.
    """
    wanted = _hash_files(sql_dir)
    try:
        with engine.begin() as connection:
            connection.exec_driver_sql("SELECT pg_advisory_xact_lock(%s)", (_LOCK_KEY,))
            applied = _read_applied(connection)
            if applied is not None and applied.hash == wanted:
                return False
            _apply(connection, sql_dir, wanted, applied)
    except SQLAlchemyError as exc:
        reason = str(getattr(exc, "orig", None) or exc).strip().replace("\n", "; ")
        raise WarehouseError(f"the warehouse was not upgraded: {reason}") from exc
    return True


def require_current(engine: Engine, *, may_upgrade: bool, sql_dir: Path = SQL_DIR) -> None:
    """Return if the database is up to date. An empty one is filled; one that is behind is
    upgraded if `may_upgrade`, else it is a WarehouseError that says what to run."""
    try:
        with engine.connect() as connection:
            applied = _read_applied(connection)
            is_fresh = applied is None and _is_empty(connection)
    except SQLAlchemyError as exc:
        raise WarehouseError(f"the warehouse cannot be read: {exc.args[0]}") from exc
    if applied is not None and applied.hash == _hash_files(sql_dir):
        return
    if not (may_upgrade or is_fresh):
        raise WarehouseError("the warehouse is not up to date: run `silkwire db upgrade`")
    upgrade(engine, sql_dir)


def _apply(connection: Connection, sql_dir: Path, wanted: str, applied: _Applied | None) -> None:
    """The marts go first: a column that a view uses cannot be changed."""
    marts = read_marts(sql_dir / "marts")
    wanted_names = [mart.name for mart in marts]
    made = list(applied.views) if applied else []
    drop_marts(connection, [*made, *(name for name in wanted_names if name not in made)])
    _run_migrations(connection, sql_dir / "migrations")
    create_marts(connection, marts)
    _write_applied(connection, _Applied(wanted, tuple(wanted_names)))


def _run_migrations(connection: Connection, script_dir: Path) -> None:
    # here, since they take 0.3 s and are rarely needed
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415
    from alembic.util import CommandError  # noqa: PLC0415

    logging.getLogger("alembic").setLevel(logging.WARNING)
    connection.exec_driver_sql("CREATE SCHEMA IF NOT EXISTS ops")
    config = Config(attributes={"connection": connection})
    # a % of the path is not an interpolation
    config.set_main_option("script_location", str(script_dir).replace("%", "%%"))
    config.set_main_option("path_separator", "newline")
    try:
        command.upgrade(config, "head")
    except CommandError as exc:
        raise WarehouseError(
            f"the warehouse was not upgraded: {exc}; was it made by a newer silkwire?"
        ) from exc


def _hash_files(sql_dir: Path) -> str:
    """One hash of all migrations and marts, in name order."""
    digest = hashlib.sha256()
    for path in _list_files(sql_dir):
        content = path.read_bytes()
        digest.update(f"{path.name} {len(content)}\n".encode())
        digest.update(content)
    return digest.hexdigest()


def _list_files(sql_dir: Path) -> Sequence[Path]:
    migrations = sorted((sql_dir / "migrations" / "versions").glob("*.py"))
    return [*migrations, *sorted((sql_dir / "marts").glob("*.sql"))]


def _read_applied(connection: Connection) -> _Applied | None:
    comment = connection.exec_driver_sql(
        "SELECT obj_description(c.oid, 'pg_class') FROM pg_catalog.pg_class AS c"
        " INNER JOIN pg_catalog.pg_namespace AS n ON c.relnamespace = n.oid"
        " WHERE n.nspname = 'ops' AND c.relname = 'alembic_version'"
    ).scalar()
    try:
        found = json.loads(comment or "")
        return _Applied(found["hash"], tuple(found["views"]))
    except (ValueError, KeyError):
        return None


def _write_applied(connection: Connection, applied: _Applied) -> None:
    comment = json.dumps({"hash": applied.hash, "views": applied.views})
    quoted = comment.replace("'", "''")
    run_statement(connection, f"COMMENT ON TABLE ops.alembic_version IS '{quoted}'")


def _is_empty(connection: Connection) -> bool:
    count = connection.exec_driver_sql(
        "SELECT count(*) FROM pg_catalog.pg_class AS c"
        " INNER JOIN pg_catalog.pg_namespace AS n ON c.relnamespace = n.oid"
        " WHERE n.nspname IN ('ops', 'core', 'mart')"
    ).scalar_one()
    return bool(count == 0)
