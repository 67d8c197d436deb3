"""The run's validator, forked from the warmed parent: Great Expectations' import costs more than a
run.

It is forked while the run has a single thread, and waits until it is started. To the run it is what
`subprocess.Popen` would have made: a process of its own behind two pipes.
"""

import os
import signal
import subprocess
import sys
from typing import Any

from silkwire.childprocess import serve
from silkwire.validate.engine import child


def fork_validator() -> None:
    """From now on `subprocess.Popen` hands out the forked validator where one is first started."""
    waiting = [ForkedValidator()]
    start = subprocess.Popen

    def start_or_take(arguments: list[str], **options: Any) -> Any:
        if not waiting or child.__name__ not in " ".join(arguments):
            return start(arguments, **options)
        sys.audit("subprocess.Popen", arguments[0], arguments, None, None)
        return waiting.pop()

    subprocess.Popen = start_or_take  # type: ignore[assignment,misc]


class ForkedValidator:
    """As much of `subprocess.Popen` as the code under test uses."""

    def __init__(self) -> None:
        (questions, ask), (hear, answers) = os.pipe(), os.pipe()
        self.returncode: int | None = None
        self.pid = os.fork()
        if self.pid == 0:
            os.close(ask)
            _serve(questions, answers)
        os.close(questions)
        os.close(answers)
        self.stdin, self.stdout = os.fdopen(ask, "wb"), os.fdopen(hear, "rb")

    def poll(self) -> int | None:
        return self._wait(os.WNOHANG)

    def wait(self) -> int | None:
        return self._wait(0)

    def kill(self) -> None:
        if self.poll() is None:
            os.kill(self.pid, signal.SIGKILL)

    def _wait(self, options: int) -> int | None:
        if self.returncode is None:
            pid, status = os.waitpid(self.pid, options)
            self.returncode = os.waitstatus_to_exitcode(status) if pid else None
        return self.returncode


def _serve(questions: int, answers: int) -> None:
    try:
        os.setsid()
        with os.fdopen(questions) as sys.stdin, os.fdopen(answers, "w") as sys.stdout:
            serve(child.prepare)
    finally:
        os._exit(1)
