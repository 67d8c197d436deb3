"""`silkwire db`: the warehouse, our own or the one that SILKWIRE_WAREHOUSE_URL names."""

import dataclasses
import json
import os
from pathlib import Path
from typing import Annotated

import typer

from silkwire.cli.db import check, clean
from silkwire.config import Settings, read_settings
from silkwire.errors import ConfigError

app = typer.Typer(no_args_is_help=True, help="The warehouse: its server, its schema, its backups.")

app.command(name="check")(check.check)
app.command(name="clean")(clean.clean)

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
OWN_ONLY = "is for the embedded server, but SILKWIRE_WAREHOUSE_URL is set"


@app.command(epilog='Example: psql "$(silkwire db url)" -c "SELECT * FROM mart.articles LIMIT 5"')
def url() -> None:
    """Print the warehouse's URL, password included; our own server is started if need be."""
    typer.echo(_libpq_url(read_settings()))


@app.command(epilog="Example: silkwire db start --port 5433   (BI tools then connect to 127.0.0.1)")
def start(
    port: Annotated[
        int | None,
        typer.Option(
            min=0,
            max=65535,
            help="Listen on 127.0.0.1 too, from now on, and print the reader's login; "
            "0 ends that. Restarts a server that runs.",
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Start the embedded server; no error if it runs already."""
    from silkwire.warehouse.embedded import server

    settings = _own_settings("db start")
    login = None
    if port is None:
        server.ensure_server(settings)
    else:
        login = server.listen_on_port(settings, port)
        _upgrade(settings)  # else the reader finds nothing to read
    if as_json:
        reader = None if login is None else dataclasses.asdict(login) | {"url": login.url}
        url = server.server_status(settings).url
        typer.echo(json.dumps({"url": url, "reader": reader}))
        return
    typer.echo(f"running: {server.server_status(settings).url}")
    if login is not None:
        typer.echo(
            f"host {login.host}, port {login.port}, database {login.database}, "
            f"user {login.user}, password {login.password}"
        )


@app.command(epilog="Example: silkwire db stop")
def stop() -> None:
    """Stop the embedded server; no error if it is not running."""
    from silkwire.warehouse.embedded.server import stop_server

    typer.echo("stopped" if stop_server(_own_settings("db stop")) else "was not running")


@app.command(epilog="Example: silkwire db status --json")
def status(as_json: Json = False) -> None:
    """Tell whether the embedded server runs, and where its data and its log are. Starts nothing."""
    from silkwire.warehouse.embedded.server import server_status

    found = server_status(_own_settings("db status"))
    if as_json:
        typer.echo(json.dumps(dataclasses.asdict(found), default=str))
        return
    typer.echo(f"running (process {found.pid})" if found.is_running else "not running")
    for name in ("url", "port", "folder", "log"):
        if getattr(found, name) is not None:
            typer.echo(f"{name}: {getattr(found, name)}")


@app.command(epilog="Example: silkwire db upgrade")
def upgrade() -> None:
    """Bring the warehouse's tables and views up to date; safe to run again, and twice at once."""
    typer.echo("upgraded" if _upgrade(read_settings()) else "already up to date")


@app.command(
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True},
    epilog='Example: silkwire db psql -c "SELECT title FROM mart.articles"',
)
def psql(context: typer.Context) -> None:
    """Open psql on the warehouse; what follows is given to psql."""
    _run_client("psql", ["-d", _hide_password(_libpq_url(read_settings())), *context.args])


@app.command(epilog="Example: silkwire db backup warehouse.dump")
def backup(
    file: Annotated[Path, typer.Argument(help="Where to write; must not exist.")],
) -> None:
    """Write the whole warehouse into one file (pg_dump's custom format)."""
    if file.exists():
        raise ConfigError(f"{file} exists already")
    database = _hide_password(_libpq_url(read_settings()))
    # who may use PostgreSQL's own functions is the server's business, and not ours to restore
    what = ["--format=custom", "--exclude-schema=pg_catalog"]
    _run_client("pg_dump", [*what, f"--file={file}", f"--dbname={database}"])


@app.command(epilog="Example: silkwire db restore warehouse.dump")
def restore(
    file: Annotated[Path, typer.Argument(help="A file that `db backup` wrote.", exists=True)],
) -> None:
    """Replace the warehouse's contents by a backup's: all of it, or nothing if that fails."""
    settings = read_settings()
    _upgrade(settings)  # creates the roles that the backup's grants name
    database = _hide_password(_libpq_url(settings))
    how = ["--clean", "--if-exists", "--single-transaction", "--no-owner"]
    _run_client("pg_restore", [*how, f"--dbname={database}", str(file)])


def _own_settings(command: str) -> Settings:
    settings = read_settings()
    if settings.warehouse_url is not None:
        raise ConfigError(f"`silkwire {command}` {OWN_ONLY}")
    return settings


def _upgrade(settings: Settings) -> bool:
    from silkwire.warehouse.engine import open_engine
    from silkwire.warehouse.schema import migrate

    engine = open_engine(settings)
    try:
        return migrate.upgrade(engine)
    finally:
        engine.dispose()


def _libpq_url(settings: Settings) -> str:
    """The URL as psql and all other clients of libpq take it."""
    if settings.warehouse_url is None:
        from silkwire.warehouse.embedded.server import ensure_server

        return ensure_server(settings).replace("postgresql+psycopg:", "postgresql:", 1)
    from silkwire.warehouse.engine import parse_url

    found = parse_url(settings.warehouse_url.get_secret_value())
    return found.set(drivername="postgresql").render_as_string(hide_password=False)


def _hide_password(url: str) -> str:
    """Move the password into our environment: everybody may read the arguments of a process."""
    from sqlalchemy import make_url

    found = make_url(url)
    if found.password:
        os.environ["PGPASSWORD"] = str(found.password)
    return found.set(password=None).render_as_string(hide_password=False)


def _run_client(name: str, arguments: list[str]) -> None:
    """Become one of PostgreSQL's own programs, from the binaries that silkwire brings."""
    from silkwire.warehouse.embedded.binaries import find_bin

    program = find_bin() / name
    os.execv(program, [name, *arguments])  # noqa: S606  # no shell is what is wanted
