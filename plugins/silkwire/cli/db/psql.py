"""`silkwire db url`, `psql`, `backup` and `upgrade`: the warehouse's contents.

psql and pg_dump are PostgreSQL's own programs, which come with silkwire.
"""

import os
from pathlib import Path
from typing import Annotated

import typer

from silkwire.config import Settings, read_settings
from silkwire.errors import ConfigError


def url() -> None:
    """Print the warehouse's URL, with its password. Starts the embedded server if it is in use.

    Example: psql "$(silkwire db url)" -c "SELECT * FROM mart.articles LIMIT 5"
    """
    typer.echo(_libpq_url(read_settings()))


def psql(context: typer.Context) -> None:
    """Open psql on the warehouse. All arguments are passed on to psql.

    Example: silkwire db psql -c "SELECT title FROM mart.articles"
    """
    _run_client("psql", ["-d", find_database(read_settings()), *context.args])


def backup(
    file: Annotated[Path, typer.Argument(help="The file to write; it must not exist.")],
) -> None:
    """Write the whole warehouse to one file, in the custom format of pg_dump.

    Example: silkwire db backup warehouse.dump
    """
    if file.exists():
        raise ConfigError(f"{file} exists already: choose another name, or remove the file")
    database = find_database(read_settings())
    # pg_catalog: grants on PostgreSQL's own functions belong to the server and cannot be restored
    options = ["--format=custom", "--exclude-schema=pg_catalog"]
    _run_client("pg_dump", [*options, f"--file={file}", f"--dbname={database}"])


def upgrade() -> None:
    """Create the warehouse's tables and views, or migrate them to this version of silkwire.

    It can be run again, and by two processes at once.

    Example: silkwire db upgrade
    """
    typer.echo("upgraded" if upgrade_schema(read_settings()) else "already up to date")


def upgrade_schema(settings: Settings) -> bool:
    """Migrate the warehouse; False if it was up to date."""
    from silkwire.warehouse.engine import open_engine
    from silkwire.warehouse.schema import migrate

    engine = open_engine(settings)
    try:
        return migrate.upgrade(engine)
    finally:
        engine.dispose()


def find_database(settings: Settings) -> str:
    """The URL for a client of libpq; its password is in PGPASSWORD from now on."""
    return _hide_password(_libpq_url(settings))


def _libpq_url(settings: Settings) -> str:
    """The URL in the form that psql and other clients of libpq take."""
    if settings.warehouse_url is None:
        from silkwire.warehouse.embedded.server import ensure_server

        return ensure_server(settings).replace("postgresql+psycopg:", "postgresql:", 1)
    from silkwire.warehouse.engine import parse_url

    found = parse_url(settings.warehouse_url.get_secret_value())
    return found.set(drivername="postgresql").render_as_string(hide_password=False)


def _hide_password(url: str) -> str:
    """Move the password to PGPASSWORD, because every user can read a process's arguments."""
    from sqlalchemy import make_url

    found = make_url(url)
    if found.password:
        os.environ["PGPASSWORD"] = str(found.password)
    return found.set(password=None).render_as_string(hide_password=False)


def _run_client(name: str, arguments: list[str]) -> None:
    """Replace this process with one of PostgreSQL's programs."""
    from silkwire.warehouse.embedded.binaries import find_bin

    os.execv(find_bin() / name, [name, *arguments])  # noqa: S606  # a shell is not wanted
