"""Run batches in processes that may die, forked from one that has imported all that is slow."""

import contextlib
import multiprocessing
import os
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from crash.moments import Moments
from silkwire.config import Settings
from silkwire.errors import SilkwireError

PATIENCE_S = 180.0
"""A run that takes longer is stuck."""


@dataclass(frozen=True)
class Run:
    """One `silkwire ingest --feeds … --all` at a given time."""

    settings: Settings
    opml: Path
    at: datetime
    said: Path
    """Where the run writes its last words."""
    moment: str = ""
    do: Callable[[], None] | None = None
    """What happens at `moment`, the first time that it comes; None: SIGKILL."""
    trace: Path | None = None
    """Where every moment is noted."""


@dataclass(frozen=True)
class Ended:
    exit_code: int | None
    """As of `multiprocessing.Process`; None if it had to be given up as stuck."""
    seconds: float
    said: str

    @property
    def was_killed(self) -> bool:
        return self.exit_code == -signal.SIGKILL


class Forks:
    """Starts runs; the parent of all of them is started with the first."""

    def __init__(self) -> None:
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(["crash.warm"])

    def run(self, run: Run, *, kill_after: float | None = None) -> Ended:
        """Run to its end, or kill it after so many seconds."""
        return self.finish(self.start(run), run, kill_after=kill_after)

    def start(self, run: Run) -> "multiprocessing.context.ForkServerProcess":
        run.said.write_text("")
        process = self._context.Process(target=_run, args=(run,))
        with _reachable():
            process.start()
        return process

    def finish(
        self,
        process: "multiprocessing.context.ForkServerProcess",
        run: Run,
        *,
        kill_after: float | None = None,
    ) -> Ended:
        started = time.perf_counter()
        process.join(PATIENCE_S if kill_after is None else kill_after)
        is_stuck = process.exitcode is None and kill_after is None
        if process.exitcode is None:
            process.kill()
            process.join()
        seconds = time.perf_counter() - started
        return Ended(None if is_stuck else process.exitcode, seconds, run.said.read_text())


@contextlib.contextmanager
def _reachable() -> Iterator[None]:
    """So that the parent, started with the first run, finds what it is to import."""
    before = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = os.pathsep.join(path for path in sys.path if path)
    try:
        yield
    finally:
        if before is None:
            del os.environ["PYTHONPATH"]
        else:
            os.environ["PYTHONPATH"] = before


def _run(run: Run) -> None:
    """In the forked process."""
    from crash.validator import fork_validator
    from silkwire.pipeline import ingest

    for stream in (sys.stdout, sys.stderr):
        os.dup2(os.open(run.said, os.O_WRONLY | os.O_APPEND), stream.fileno())
    tempfile.tempdir = str(run.said.parent / "tmp")
    fork_validator()
    progress = Moments(run.said.parent, _act(run))
    try:
        ingest(
            run.settings,
            feeds_opml=run.opml,
            ignore_due=True,
            progress=progress,
            now=Ticking(run.at),
        )
    except SilkwireError as exc:
        _leave(run, 1, str(exc))
    except Exception:  # noqa: BLE001 - told by the exit code
        _leave(run, 2, traceback.format_exc())
    _leave(run, 0, "")


def _leave(run: Run, exit_code: int, words: str) -> None:
    with run.said.open("a") as said:
        said.write(words)
    os._exit(exit_code)


def _act(run: Run) -> Callable[[str, str], None]:
    waiting = [run.moment]
    trace = run.trace.open("a") if run.trace else None

    def act(moment: str, what: str) -> None:
        if trace:
            trace.write(f"{moment}\t{what}\n")
            trace.flush()
        if waiting and moment == waiting[0]:
            waiting.clear()
            if run.do is None:
                os.kill(os.getpid(), signal.SIGKILL)
            else:
                run.do()

    return act


class Ticking:
    """A clock that goes on by a millisecond with each look: no two instants are the same."""

    def __init__(self, at: datetime) -> None:
        self._at = at

    def __call__(self) -> datetime:
        self._at += timedelta(milliseconds=1)
        return self._at
