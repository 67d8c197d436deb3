"""Upgrade a database: `sql/migrations`, then the marts of `sql/marts`, then `sql/roles.sql`.

An upgrade is one transaction under one advisory lock: it is complete or changes nothing, and of two
at the same time the second finds nothing to do. A hash of the files is kept as a comment on
`ops.alembic_version`, so one query shows whether there is anything to do.
"""

import hashlib
import json
import logging
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from silkwire.errors import WarehouseError
from silkwire.resources import SQL_DIR
from silkwire.warehouse.engine import describe_error
from silkwire.warehouse.schema.marts import (
    create_marts,
    drop_marts,
    quote,
    read_marts,
    run_statement,
)
from silkwire.warehouse.statements import read_statements

_SQL = read_statements(__file__)
_LOCK_KEY = 0x73696C6B77697265  # "silkwire"


@dataclass(frozen=True, slots=True)
class _Applied:
    """What the comment on `ops.alembic_version` says of the last upgrade."""

    hash: str
    views: list[str]
    """The views and functions of `mart` in the order of their creation."""


def upgrade(engine: Engine, sql_dir: Path = SQL_DIR) -> bool:
    """Upgrade the database; return whether there was anything to do.

    Raises WarehouseError, and changes nothing, if the database is newer than this silkwire or a
    statement fails.
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
        raise WarehouseError(f"the warehouse was not upgraded: {describe_error(exc)}") from exc
    return True


def require_current(engine: Engine, *, may_upgrade: bool, sql_dir: Path = SQL_DIR) -> None:
    """Upgrade the database if it is empty, or if it is behind and `may_upgrade`.

    Raises WarehouseError, which says what to run, if the database is behind and not upgraded.
    """
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
    """Drop the marts first: PostgreSQL refuses to change a column that a view uses."""
    marts = read_marts(sql_dir / "marts")
    names = [mart.name for mart in marts]
    drop_marts(connection, dict.fromkeys([*(applied.views if applied else ()), *names]))
    _run_migrations(connection, sql_dir / "migrations")
    create_marts(connection, marts)
    for path in sql_dir.glob("roles.sql"):
        run_statement(connection, path.read_text("utf-8"))
    comment = json.dumps({"hash": wanted, "views": names})
    run_statement(connection, f"COMMENT ON TABLE ops.alembic_version IS {quote(comment)}")


def _run_migrations(connection: Connection, script_dir: Path) -> None:
    # imported here: it takes 0.3 s, and a migration is rare
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415
    from alembic.util import CommandError  # noqa: PLC0415

    logging.getLogger("alembic").setLevel(logging.WARNING)
    connection.exec_driver_sql("CREATE SCHEMA IF NOT EXISTS ops")
    config = Config(attributes={"connection": connection})
    # otherwise Alembic takes a % in the path as an interpolation
    config.set_main_option("script_location", str(script_dir).replace("%", "%%"))
    config.set_main_option("path_separator", "newline")
    try:
        command.upgrade(config, "head")
    except CommandError as exc:
        raise WarehouseError(
            f"the warehouse was not upgraded: {exc}; was it made by a newer silkwire?"
        ) from exc


def _hash_files(sql_dir: Path) -> str:
    """One hash of all migrations, marts and grants."""
    digest = hashlib.sha256()
    migrations = sorted((sql_dir / "migrations" / "versions").glob("*.py"))
    marts = sorted((sql_dir / "marts").glob("*.sql"))
    for path in [*migrations, *marts, *sql_dir.glob("roles.sql")]:
        content = path.read_bytes()
        digest.update(f"{path.name} {len(content)}\n".encode() + content)
    return digest.hexdigest()


def _read_applied(connection: Connection) -> _Applied | None:
    comment = connection.execute(_SQL["applied"]).scalar()
    try:
        found = json.loads(comment or "")
        return _Applied(found["hash"], found["views"])
    except (ValueError, KeyError):
        return None


def _is_empty(connection: Connection) -> bool:
    return bool(connection.execute(_SQL["is_empty"]).scalar_one())
