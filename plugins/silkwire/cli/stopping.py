"""A run with progress, which Ctrl-C and SIGTERM end with one sentence and an exit code."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import typer

from silkwire.cli.output.progress import RunProgress

SIGNALS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def stoppable_run(sentence: str) -> Iterator[RunProgress]:
    """Show progress on stderr. If the run is stopped, print `sentence`, and exit with 130 or 143.

    SIGTERM interrupts like Ctrl-C. A signal that is ignored (`nohup`) stays ignored.
    """
    caught: list[int] = []

    def interrupt(number: int, frame: object) -> None:
        del frame
        caught.append(number)
        raise KeyboardInterrupt

    is_main = threading.current_thread() is threading.main_thread()
    wanted = [number for number in SIGNALS if signal.getsignal(number) is not signal.SIG_IGN]
    previous = {number: signal.signal(number, interrupt) for number in wanted if is_main}
    try:
        with RunProgress() as progress:
            yield progress
    except KeyboardInterrupt:
        typer.secho(f"silkwire: {sentence}", fg=typer.colors.YELLOW, err=True)
        raise typer.Exit(128 + (caught[0] if caught else signal.SIGINT)) from None
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
