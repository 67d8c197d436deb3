"""Wires the commands together and turns our errors into one sentence and an exit code."""

import atexit
import gc
import logging
import sys
from typing import Annotated

import typer
from rich.console import Console
from rich.logging import RichHandler

from silkwire import __version__
from silkwire.cli import docs, ingest, parse, quarantine, query, status, topics, up, watches
from silkwire.cli.db import commands as db
from silkwire.cli.demo import command as demo
from silkwire.cli.feeds import commands as feeds
from silkwire.cli.replay import command as replay
from silkwire.errors import SilkwireError

app = typer.Typer(
    name="silkwire",
    help="Pull news feeds, keep what is about AI or China travel, load a PostgreSQL warehouse.",
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
        bool, typer.Option("--debug", help="Show tracebacks and debug messages.")
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
    """Run the command line: 0 done, 1 failed, 2 wrong usage, 3 every due feed failed."""
    # The interpreter would look through everything once more as it ends: 0.2 s for nothing.
    atexit.register(gc.freeze)
    try:
        app()
    except Exception as exc:  # the edge: nothing above could report it
        if "--debug" in sys.argv:
            raise
        typer.secho(f"silkwire: {_explain(exc)}", fg=typer.colors.RED, err=True)
        sys.exit(exc.exit_code if isinstance(exc, SilkwireError) else 1)


def _explain(exc: Exception) -> str:
    """One sentence: ours as it stands, else the cause's first line and how to see the rest."""
    if isinstance(exc, SilkwireError):
        return str(exc)
    cause = getattr(exc, "orig", None) or exc
    lines = str(cause).strip().splitlines()
    return (
        f"{type(cause).__name__}: {lines[0] if lines else 'no more is known'} (--debug shows where)"
    )
