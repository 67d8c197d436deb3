"""Airflow's metadata database, on the embedded server beside the warehouse."""

import json
from importlib.metadata import version

import psycopg
from sqlalchemy import URL, make_url

from silkwire.errors import WarehouseError
from silkwire.standalone.home import AirflowHome
from silkwire.warehouse.embedded.access import SUPERUSER

_FIND_ROLE = "SELECT 1 FROM pg_roles WHERE rolname = 'airflow'"
_FIND_DATABASE = "SELECT 1 FROM pg_database WHERE datname = 'airflow'"


def make_database(server_url: str) -> str:
    """Create the role and the database `airflow` if they are missing; return the SQLAlchemy URL.

    `server_url` is what `ensure_server` returns. Raises WarehouseError.
    """
    admin = make_url(server_url).set(username=SUPERUSER, database="postgres")
    try:
        with psycopg.connect(_libpq(admin), autocommit=True) as connection:
            if not connection.execute(_FIND_ROLE).fetchall():
                connection.execute("CREATE ROLE airflow LOGIN")
            if not connection.execute(_FIND_DATABASE).fetchall():
                connection.execute("CREATE DATABASE airflow OWNER airflow")
    except psycopg.Error as exc:
        raise WarehouseError(f"Airflow's database cannot be created: {exc}") from exc
    database = admin.set(username="airflow", database="airflow")
    return database.render_as_string(hide_password=False)


def is_migrated(home: AirflowHome, database_url: str) -> bool:
    """Whether this version of Airflow migrated this database to its present revision."""
    try:
        noted = json.loads(home.migrated.read_text("utf-8"))
    except (OSError, ValueError):
        return False
    return bool(noted == _read_state(database_url))


def note_migration(home: AirflowHome, database_url: str) -> None:
    """Write the file that `is_migrated` compares with the database."""
    home.migrated.write_text(json.dumps(_read_state(database_url)), "utf-8")


def _read_state(database_url: str) -> dict[str, str | None]:
    """Airflow's version, and the revision in its database."""
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
