"""Register the commands; turn an error into one sentence on stderr and an exit code."""

import atexit
import gc
import logging
import sys
from typing import Annotated

import typer
from rich.console import Console
from rich.logging import RichHandler

from silkwire import __version__
from silkwire.cli import (
    db,
    docs,
    feeds,
    ingest,
    parse,
    quarantine,
    query,
    status,
    topics,
    up,
    watches,
)
from silkwire.cli.demo import command as demo
from silkwire.cli.replay import command as replay
from silkwire.errors import SilkwireError

app = typer.Typer(
    name="silkwire",
    help="Fetch news feeds, keep the entries about AI or about travel to, from and within China, "
    "and load them into a PostgreSQL warehouse.",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

app.command()(ingest.ingest)
app.command()(status.status)
app.add_typer(feeds.app, name="feeds")
app.add_typer(topics.app, name="topics")
app.add_typer(quarantine.app, name="quarantine")
app.add_typer(watches.app, name="watches")
app.add_typer(docs.app, name="docs")
app.command()(query.query)
app.command()(demo.demo)
app.command()(up.up)
app.add_typer(db.app, name="db")
app.command()(parse.parse)
app.command()(replay.replay)


def _print_version(is_wanted: bool) -> None:
    if is_wanted:
        typer.echo(f"silkwire {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    debug: Annotated[
        bool, typer.Option("--debug", help="Show debug messages and tracebacks.")
    ] = False,
    version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Print version."),
    ] = False,
) -> None:
    del version
    logging.basicConfig(
        level=logging.DEBUG if debug else logging.WARNING,
        format="%(message)s",
        handlers=[RichHandler(console=Console(stderr=True), show_path=False, show_time=debug)],
    )


def main() -> None:
    """Run a command. Exit codes: 0 done, 1 failed, 2 wrong usage or configuration.

    `ingest` also exits with 3.
    """
    # Skips the garbage collection at exit, which would take 0.2 s.
    atexit.register(gc.freeze)
    try:
        app()
    except Exception as exc:  # no caller is left to report it
        if "--debug" in sys.argv:
            raise
        typer.secho(f"silkwire: {_explain(exc)}", fg=typer.colors.RED, err=True)
        sys.exit(exc.exit_code if isinstance(exc, SilkwireError) else 1)


def _explain(exc: Exception) -> str:
    """A SilkwireError's whole message; for any other error its first line and how to see more."""
    if isinstance(exc, SilkwireError):
        return str(exc)
    cause = getattr(exc, "orig", None) or exc
    first_line = (str(cause).strip().splitlines() or ["no message"])[0]
    return f"{type(cause).__name__}: {first_line} (to see the traceback: silkwire --debug …)"
