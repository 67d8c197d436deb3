"""Parser processes that are forked from one that has imported all that they need.

A fresh Python takes 0.2 s of a core to import it, and the tests start a thousand parsers. What the
pool gets is a process of its own behind two pipes, that it ends as it ends any other.

    with Nursery() as nursery:
        childprocess.subprocess = nursery

The nursery stands in for the module `subprocess` as `silkwire.childprocess` sees it. A forked
parser's parent is the nursery's process, which ends with this one.
"""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from threading import Lock
from typing import IO, Any, Self

import silkwire
from silkwire.childprocess import Answer
from silkwire.childprocess import serve as answer_frames

PARSER = "silkwire.parse.processes.child"
_ROOTS = [str(Path(__file__).resolve().parents[1]), str(Path(silkwire.__file__).parents[1])]
_BOOT = f"import sys; sys.path += {_ROOTS}; from helpers.forked_parsers import serve; serve()"
_WAIT, _POLL = -1, -2
"""Instead of arguments: answer with the status of a process, at its end or as it is now."""
_RUNNING = 1 << 20
"""A status that no process ends with."""


class Nursery:
    """Has `Popen` and `PIPE`, as `subprocess` has; starts its process with the first parser.

    A context manager.
    """

    PIPE = subprocess.PIPE

    def __init__(self) -> None:
        self._owner, self._lock = os.getpid(), Lock()
        self._here: socket.socket | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        if self._here is not None:
            self._here.close()
            self._process.wait()

    def Popen(self, arguments: list[str], **options: Any) -> Any:  # noqa: N802 - as there
        """A forked parser; from a fork of this process, or for another program, a fresh one."""
        if PARSER not in " ".join(arguments) or os.getpid() != self._owner:
            return subprocess.Popen(arguments, **options)
        return ForkedParser(self, arguments)

    def ask(self, request: list[Any], files: list[int]) -> int:
        """The nursery's answer, a number."""
        with self._lock:
            if self._here is None:
                self._here, there = socket.socketpair()
                self._process = subprocess.Popen(
                    [sys.executable, "-c", _BOOT], stdin=there, start_new_session=True
                )
                there.close()
            socket.send_fds(self._here, [json.dumps(request).encode()], files)
            return int(self._here.recv(64))


class ForkedParser:
    """As much of `subprocess.Popen` as `silkwire.childprocess` uses."""

    stdin: IO[bytes]
    stdout: IO[bytes]

    def __init__(self, nursery: Nursery, arguments: list[str]) -> None:
        self._nursery, self._status = nursery, None
        (jobs, put), (get, results) = os.pipe(), os.pipe()
        self.pid = nursery.ask(arguments, [jobs, results, sys.__stderr__.fileno()])
        os.close(jobs)
        os.close(results)
        self.stdin, self.stdout = os.fdopen(put, "wb"), os.fdopen(get, "rb")

    def kill(self) -> None:
        if self._status is None:
            os.kill(self.pid, signal.SIGKILL)

    def poll(self) -> int | None:
        if self._status is None:
            status = self._nursery.ask([_POLL, self.pid], [])
            self._status = None if status == _RUNNING else status
        return self._status

    def wait(self) -> int:
        if self._status is None:
            self._status = self._nursery.ask([_WAIT, self.pid], [])
        return self._status


def serve() -> None:
    """In the nursery's process: fork parsers until the socket ends."""
    from silkwire.parse.processes.child import prepare  # this is what takes long

    here = socket.socket(fileno=os.dup(0))
    while True:
        message, files, _, _ = socket.recv_fds(here, 1 << 16, 3)
        if not message:
            return
        request = json.loads(message)
        if request[0] in (_WAIT, _POLL):
            ended, status = os.waitpid(request[1], os.WNOHANG if request[0] == _POLL else 0)
            here.send(b"%d" % (os.waitstatus_to_exitcode(status) if ended else _RUNNING))
            continue
        pid = os.fork()
        if pid == 0:
            here.close()
            _parse(prepare, request, files)
        for file in files:
            os.close(file)
        here.send(b"%d" % pid)


def _parse(prepare: Callable[[str], Answer], arguments: list[str], files: list[int]) -> None:
    """In the forked process: what the command of these arguments does; does not return."""
    try:
        os.setsid()
        for number, file in enumerate(files):
            os.dup2(file, number)
            os.close(file)
        answer_frames(prepare, *arguments[4:])
    finally:
        os._exit(1)
