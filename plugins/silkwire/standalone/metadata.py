"""Airflow's own database, on the embedded server beside the warehouse, and its migrations."""

import json
from importlib.metadata import version

import psycopg
from psycopg import sql
from sqlalchemy import URL, make_url

from silkwire.errors import WarehouseError
from silkwire.standalone.home import AirflowHome
from silkwire.warehouse.embedded.access import SUPERUSER

DATABASE = "airflow"


def make_database(server_url: str) -> str:
    """Make role and database `airflow` if they are missing; return the SQLAlchemy URL.

    `server_url` is what `ensure_server` returns. Raises WarehouseError.
    """
    admin = make_url(server_url).set(username=SUPERUSER, database="postgres")
    try:
        with psycopg.connect(_libpq(admin), autocommit=True) as connection:
            for catalog, column, statement in (
                ("pg_roles", "rolname", "CREATE ROLE {0} LOGIN"),
                ("pg_database", "datname", "CREATE DATABASE {0} OWNER {0}"),
            ):
                _create_missing(connection, catalog, column, statement)
    except psycopg.Error as exc:
        raise WarehouseError(f"Airflow's database cannot be made: {exc}") from exc
    ours = admin.set(username=DATABASE, database=DATABASE)
    return ours.render_as_string(hide_password=False)


def is_migrated(home: AirflowHome, database_url: str) -> bool:
    """Whether this Airflow has brought this database to the state that it is in."""
    try:
        noted = json.loads(home.migrated.read_text("utf-8"))
    except (OSError, ValueError):
        return False
    return bool(noted == _read_state(database_url))


def note_migration(home: AirflowHome, database_url: str) -> None:
    """Remember what `is_migrated` compares with."""
    home.migrated.write_text(json.dumps(_read_state(database_url)), "utf-8")


def _create_missing(
    connection: psycopg.Connection, catalog: str, column: str, statement: str
) -> None:
    query = sql.SQL("SELECT FROM {} WHERE {} = %s").format(
        sql.Identifier(catalog), sql.Identifier(column)
    )
    if connection.execute(query, [DATABASE]).fetchone() is None:
        connection.execute(sql.SQL(statement).format(sql.Identifier(DATABASE)))


def _read_state(database_url: str) -> dict[str, str | None]:
    """Airflow's version, and the revision that its database says it is at."""
    with psycopg.connect(_libpq(make_url(database_url))) as connection:
        try:
            row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        except psycopg.errors.UndefinedTable:
            row = None
    return {
        "airflow": version("apache-airflow-core"),
        "revision": None if row is None else str(row[0]),
    }


def _libpq(url: URL) -> str:
    return url.set(drivername="postgresql").render_as_string(hide_password=False)
