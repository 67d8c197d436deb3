"""`silkwire up`: run Airflow on this machine until Ctrl-C."""

import signal
import time
from types import FrameType
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape

from silkwire.config import read_settings

if TYPE_CHECKING:
    from silkwire.standalone import Login, Signals


def up(
    port: Annotated[
        int, typer.Option(min=1, max=65535, help="Port of Airflow's UI on 127.0.0.1.")
    ] = 8080,
) -> None:
    """Run Airflow (scheduler, UI and workers) on this machine, with the embedded warehouse.

    It prints the url of the UI and the login. Every ten minutes the DAG
    ingest_feeds fetches the feeds that are due. Ctrl-C stops everything that it
    started. The next start continues unfinished batches.

    Examples:
      silkwire up
      silkwire up --port 8090
    """
    from silkwire.standalone import Signals, run_airflow

    settings, signals = read_settings(), Signals()
    _stop_at_signals(signals)
    started_at = time.monotonic()
    progress = _Progress()

    def greet(login: "Login") -> None:
        progress.end()
        _print_login(login, time.monotonic() - started_at)

    try:
        run_airflow(settings, port, say=progress.say, greet=greet, signals=signals)
    finally:
        progress.end()


def _stop_at_signals(signals: "Signals") -> None:
    """The first signal stops Airflow in order, the second stops it at once."""

    def receive(signum: int, frame: FrameType | None) -> None:
        del signum, frame
        (signals.hurry if signals.stop.is_set() else signals.stop).set()

    for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(signum, receive)


def _print_login(login: "Login", seconds: float) -> None:
    typer.echo(f"Airflow is up after {seconds:.0f} s. Ctrl-C stops it.")
    typer.echo(f"  URL       {login.url}")
    typer.echo(f"  Newsroom  {login.url}/plugin/newsroom")
    typer.echo(f"  user      {login.user}")
    typer.echo(f"  password  {login.password}")


class _Progress:
    """The present step on stderr: on a terminal one line that changes, else a line per step."""

    def __init__(self) -> None:
        self._console = Console(stderr=True)
        self._status = self._console.status("")
        self._started_at = time.monotonic()
        self._said = ""

    def say(self, text: str) -> None:
        if self._console.is_terminal:
            seconds = time.monotonic() - self._started_at
            self._status.update(f"{escape(text)} [dim]({seconds:.0f} s)[/dim]")
            self._status.start()
        elif text != self._said:
            self._console.print(escape(text), soft_wrap=True, highlight=False)
        self._said = text

    def end(self) -> None:
        self._status.stop()
