"""`silkwire up`: Airflow on this machine, until Ctrl-C."""

import signal
import time
from types import FrameType, TracebackType
from typing import TYPE_CHECKING, Annotated, Self

import typer
from rich.console import Console
from rich.markup import escape

if TYPE_CHECKING:
    from rich.status import Status

    from silkwire.standalone import Login, Signals


def up(
    port: Annotated[
        int, typer.Option(min=1, max=65535, help="Port of Airflow's UI, on 127.0.0.1 alone.")
    ] = 8080,
) -> None:
    """Run Airflow (scheduler, UI, everything) on this machine, with the embedded warehouse.

    It prints the address of the UI and the login. The feeds that are due are read every ten
    minutes. Ctrl-C stops all that it started; the next start goes on from there.

    \b
    Examples:
      silkwire up
      silkwire up --port 8090
    """
    from silkwire.config import read_settings
    from silkwire.standalone import Signals, run_airflow

    settings, signals = read_settings(), Signals()
    _listen(signals)
    started_at = time.monotonic()

    with _Progress() as progress:

        def greet(login: "Login") -> None:
            progress.end()
            _print_login(login, time.monotonic() - started_at)

        run_airflow(settings, port, say=progress.say, greet=greet, signals=signals)


def _listen(signals: "Signals") -> None:
    """The first signal stops in order, the second at once."""

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
    """What is going on: one line that changes on a terminal, else a line for each change."""

    def __init__(self) -> None:
        self._console = Console(stderr=True)
        self._started_at = time.monotonic()
        self._status: Status | None = None
        self._said = ""

    def say(self, text: str) -> None:
        if self._console.is_terminal:
            seconds = time.monotonic() - self._started_at
            line = f"{escape(text)} [dim]({seconds:.0f} s)[/dim]"
            if self._status is None:
                self._status = self._console.status(line)
                self._status.start()
            self._status.update(line)
        elif text != self._said:
            self._console.print(escape(text), soft_wrap=True, highlight=False)
        self._said = text

    def end(self) -> None:
        if self._status is not None:
            self._status.stop()
            self._status = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.end()
