"""`silkwire db start`, `stop` and `status`: the embedded PostgreSQL server."""

from dataclasses import asdict
from typing import Annotated

import typer

from silkwire.cli.db.psql import upgrade_schema
from silkwire.cli.options import AsJson, print_json
from silkwire.config import Settings, read_settings
from silkwire.errors import ConfigError


def start(
    port: Annotated[
        int | None,
        typer.Option(
            min=0,
            max=65535,
            help="Also listen on this port of 127.0.0.1, now and after later starts, and print the "
            "login of the read-only role. 0 closes the port. A change restarts a running server. "
            "Default: unchanged.",
        ),
    ] = None,
    is_json: AsJson = False,
) -> None:
    """Start the embedded server. It is no error if the server is running already.

    The server runs until `silkwire db stop`.

    Examples:
      silkwire db start
      silkwire db start --port 5433     # for BI tools, at 127.0.0.1:5433
    """
    from silkwire.warehouse.embedded import server

    settings = _read_own_settings("db start")
    login = None
    if port is None:
        server.ensure_server(settings)
    else:
        login = server.listen_on_port(settings, port)
        upgrade_schema(settings)  # without the views, the reader's login is of no use
    url = server.server_status(settings).url
    if is_json:
        reader = None if login is None else asdict(login) | {"url": login.url}
        print_json({"url": url, "reader": reader})
        return
    typer.echo(f"running: {url}")
    if login is not None:
        typer.echo(
            f"host {login.host}, port {login.port}, database {login.database}, "
            f"user {login.user}, password {login.password}"
        )


def stop() -> None:
    """Stop the embedded server. It is no error if the server is not running.

    Example: silkwire db stop
    """
    from silkwire.warehouse.embedded.server import stop_server

    is_stopped = stop_server(_read_own_settings("db stop"))
    typer.echo("stopped" if is_stopped else "was not running")


def status(is_json: AsJson = False) -> None:
    """Show whether the embedded server is running, its URL, its data folder and its log.

    Example: silkwire db status --json
    """
    from silkwire.warehouse.embedded.server import server_status

    found = server_status(_read_own_settings("db status"))
    if is_json:
        print_json(found, default=str)
        return
    typer.echo(f"running (process {found.pid})" if found.is_running else "not running")
    for name in ("url", "port", "folder", "log"):
        if getattr(found, name) is not None:
            typer.echo(f"{name}: {getattr(found, name)}")


def _read_own_settings(command: str) -> Settings:
    settings = read_settings()
    if settings.warehouse_url is not None:
        raise ConfigError(
            f"`silkwire {command}` is for the embedded server, but SILKWIRE_WAREHOUSE_URL is set"
        )
    return settings
