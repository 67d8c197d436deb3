"""A child process of our own Python that answers frames. The parse and validate steps use it.

A frame is its length in four bytes (big endian) and that many bytes. The child reads frames from
stdin and writes one answer to each to stdout. Its first frame is empty and says that it is ready.
It ends when its parent does: at the end of stdin, or when another process becomes its parent.
"""

import atexit
import os
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import IO

import silkwire

Answer = Callable[[bytes], bytes]
_LENGTH = struct.Struct(">I")
_READ_BYTES = 1 << 20
_WATCH_S = 1.0
_BOOT = (
    "import sys; sys.path.append(sys.argv[1]); from silkwire.childprocess import serve;"
    "from {module} import prepare; serve(prepare, *sys.argv[2:])"
)


class Child:
    """One child process, as its parent sees it.

    After a fork it still belongs to the process that started it: `is_ours` is False in the other
    process, which must not use it.
    """

    def __init__(self, module: str, *arguments: str) -> None:
        """Start the child and return at once. It runs `serve(module.prepare, *arguments)`.

        Raises OSError if no process can be started.
        """
        self._owner = os.getpid()
        self._received = bytearray()
        self.is_ready = False
        package_root = str(Path(silkwire.__file__).resolve().parents[1])
        self._process = subprocess.Popen(  # noqa: S603 (our own interpreter and code)
            [sys.executable, "-c", _BOOT.format(module=module), package_root, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
        )
        atexit.register(self.kill)

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def is_ours(self) -> bool:
        return self._owner == os.getpid()

    def is_running(self) -> bool:
        return self._process.poll() is None

    def fileno(self) -> int:
        """The file descriptor to wait for before `receive`, as `selectors` takes it."""
        assert self._process.stdout is not None
        return self._process.stdout.fileno()

    def send(self, frame: bytes) -> None:
        """Write a frame, which waits while the pipe is full. Raises OSError if the child ended."""
        assert self._process.stdin is not None
        _write_frame(self._process.stdin, frame)

    def receive(self) -> bytes | None:
        """Read once, waiting for the first byte. Return the frame if it is now complete, else None.

        Raises EOFError if the child has ended.
        """
        chunk = os.read(self.fileno(), _READ_BYTES)
        if not chunk:
            raise EOFError
        self._received += chunk
        if len(self._received) < _LENGTH.size:
            return None
        end = _LENGTH.size + _LENGTH.unpack_from(self._received)[0]
        if len(self._received) < end:
            return None
        frame = bytes(self._received[_LENGTH.size : end])
        del self._received[:end]
        self.is_ready = True
        return frame

    def kill(self) -> int | None:
        """End the child at once; return its exit status, or None if the child is not ours."""
        if not self.is_ours:
            return None
        atexit.unregister(self.kill)
        self._process.kill()
        status = self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with suppress(OSError):  # what the child did not read stays in the buffer
                    pipe.close()
        return status


def serve(prepare: Callable[..., Answer], *arguments: str) -> None:
    """Answer each frame with the function that `prepare(*arguments)` returns, until stdin ends.

    This runs in the child process and never returns.
    """
    source, target = sys.stdin.buffer, sys.stdout.buffer
    sys.stdout = sys.stderr  # no other output may come between frames
    threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()
    answer = prepare(*arguments)
    with suppress(BrokenPipeError):  # the parent ended first
        _write_frame(target, b"")
        while (frame := _read_frame(source)) is not None:
            _write_frame(target, answer(frame))
    os._exit(0)  # a normal exit would take longer than to validate a batch


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_WATCH_S)
    os._exit(0)


def _read_frame(source: IO[bytes]) -> bytes | None:
    """The next frame; None if stdin has ended, also within a frame."""
    head = source.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    (length,) = _LENGTH.unpack(head)
    frame = source.read(length)
    return frame if len(frame) == length else None


def _write_frame(target: IO[bytes], frame: bytes) -> None:
    target.write(_LENGTH.pack(len(frame)))
    target.write(frame)
    target.flush()
