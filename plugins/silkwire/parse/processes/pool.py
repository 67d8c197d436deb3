"""Parse many documents in processes that can be killed: one bad document costs its deadline."""

import os
import re
import selectors
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

import silkwire
from silkwire.errors import ParserError
from silkwire.model import ErrorClass, ParsedDocument, ParseJob
from silkwire.parse.processes.child import LENGTH

_START_S = 60.0
"""For a fresh process to report ready, on a machine that is busy."""
_WINDOW = 4
"""Documents read ahead, for each worker."""
_RECYCLE_BYTES = 400 << 20
_CHUNK = 1 << 20
_ITEM = re.compile(rb"<(?:[\w.-]{1,40}:)?(?:item|entry)[\s/>]")
_BOOT = (
    "import sys; sys.path.append(sys.argv[1]);"
    "from silkwire.parse.processes.child import main; main()"
)


def parse_documents(
    jobs: Iterable[ParseJob], *, workers: int, deadline_s: float
) -> Iterator[tuple[int, ParsedDocument]]:
    """`(job.key, document)` in the order of `jobs`, parsed by `workers` reused processes.

    A process that takes longer than `deadline_s` for a document, or dies of it, is replaced; that
    document has `error_class=parser_limit` and says why. At most a few documents are held at once.
    Raises ParserError if no process can be started.
    """
    pool = _Pool(max(1, workers), deadline_s)
    try:
        yield from pool.run(iter(jobs))
    finally:
        pool.stop()


def start_parser(deadline_s: float) -> None:
    """Start a process for the next `parse_documents`, if none waits already; returns at once."""
    if _Worker.waiting is None:
        _Worker.waiting = _Worker(deadline_s)


class _Worker:
    """One child process and the job that it has."""

    waiting: "_Worker | None" = None
    """One that was started ahead of its work."""

    @classmethod
    def take(cls, deadline_s: float) -> "_Worker":
        """The waiting one, or a new one; one inherited through a fork is the parent's."""
        worker, cls.waiting = cls.waiting, None
        if worker is None or worker._owner != os.getpid():
            return cls(deadline_s)
        if worker._deadline_s != deadline_s:
            worker.kill()
            return cls(deadline_s)
        worker.due_at = time.monotonic() + _START_S
        return worker

    def __init__(self, deadline_s: float) -> None:
        self._owner, self._deadline_s = os.getpid(), deadline_s
        package_root = str(Path(silkwire.__file__).resolve().parents[1])
        self.process = subprocess.Popen(  # noqa: S603 (our own interpreter and code)
            [sys.executable, "-c", _BOOT, package_root, str(deadline_s)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,
            start_new_session=True,
        )
        self.is_ready = False
        self.number: int | None = None
        self.due_at = time.monotonic() + _START_S
        self._buffer = bytearray()
        self._encoder = msgspec.msgpack.Encoder()

    @property
    def output(self) -> int:
        assert self.process.stdout is not None
        return self.process.stdout.fileno()

    def send(self, number: int, job: ParseJob, deadline_s: float) -> None:
        """Hand the worker a job. A worker that has died is noticed when its output ends."""
        assert self.process.stdin is not None
        frame = self._encoder.encode(job)
        self.number = number
        self.due_at = time.monotonic() + deadline_s
        try:
            view = memoryview(LENGTH.pack(len(frame)) + frame)
            while view:
                view = view[self.process.stdin.write(view) or 0 :]
        except BrokenPipeError:
            pass

    def receive(self) -> bytes | None:
        """A whole frame, or None while it is not there. Raises EOFError if the worker is gone."""
        chunk = os.read(self.output, _CHUNK)
        if not chunk:
            raise EOFError
        self._buffer += chunk
        if len(self._buffer) < LENGTH.size:
            return None
        end = LENGTH.size + LENGTH.unpack_from(self._buffer)[0]
        if len(self._buffer) < end:
            return None
        frame = bytes(self._buffer[LENGTH.size : end])
        del self._buffer[:end]
        return frame

    def is_bloated(self) -> bool:
        """Whether the process holds so much memory that a fresh one is cheaper."""
        try:
            pages = int(Path(f"/proc/{self.process.pid}/statm").read_text("ascii").split()[1])
        except (OSError, ValueError, IndexError):
            return False
        return pages * os.sysconf("SC_PAGE_SIZE") > _RECYCLE_BYTES

    def kill(self) -> int:
        """End the process at once; its exit status."""
        self.process.kill()
        status = self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                pipe.close()
        return status


class _Pool:
    """Keeps every worker busy and the results in order."""

    def __init__(self, size: int, deadline_s: float) -> None:
        self._size = size
        self._deadline_s = deadline_s
        self._selector = selectors.DefaultSelector()
        self._workers: set[_Worker] = set()
        self._waiting: dict[int, ParseJob] = {}
        self._under_way: dict[int, ParseJob] = {}
        self._done: dict[int, tuple[int, ParsedDocument]] = {}
        self._decoder = msgspec.msgpack.Decoder(ParsedDocument)
        self._failed_starts = 0

    def run(self, jobs: Iterator[ParseJob]) -> Iterator[tuple[int, ParsedDocument]]:
        taken = given = 0
        is_more = True
        while is_more or given < taken:
            while is_more and taken - given < self._size * _WINDOW:
                job = next(jobs, None)
                if job is None:
                    is_more = False
                else:
                    self._waiting[taken] = job
                    taken += 1
            if given < taken:
                self._advance()
            while given in self._done:
                yield self._done.pop(given)
                given += 1

    def stop(self) -> None:
        for worker in list(self._workers):
            self._remove(worker)
        self._selector.close()

    def _advance(self) -> None:
        """Start what can be started, then wait for the next result or deadline."""
        # To start a process takes as long as to parse a dozen documents: one is enough for a few.
        known = len(self._waiting) + len(self._under_way)
        wanted = min(self._size, -(-known // _WINDOW))
        while len(self._workers) < wanted:
            self._start()
        for worker in self._workers:
            if worker.is_ready and worker.number is None and self._waiting:
                number = next(iter(self._waiting))
                self._under_way[number] = self._waiting.pop(number)
                worker.send(number, self._under_way[number], self._deadline_s)
        busy = [w for w in self._workers if w.number is not None or not w.is_ready]
        if not busy:
            return
        patience = max(0.0, min(worker.due_at for worker in busy) - time.monotonic())
        for key, _ in self._selector.select(patience):
            self._hear(key.data)
        self._end_overdue()

    def _start(self) -> None:
        try:
            worker = _Worker.take(self._deadline_s)
        except OSError as exc:
            raise ParserError(f"a parser process cannot be started: {exc}") from exc
        self._workers.add(worker)
        self._selector.register(worker.output, selectors.EVENT_READ, worker)

    def _hear(self, worker: _Worker) -> None:
        try:
            frame = worker.receive()
        except EOFError:
            self._replace(worker, "The parser process died ({status}).")
            return
        if frame is None:
            return
        if not worker.is_ready:
            worker.is_ready, self._failed_starts = True, 0
            return
        self._finish(worker, self._decoder.decode(frame))
        if worker.is_bloated():
            self._remove(worker)

    def _end_overdue(self) -> None:
        now = time.monotonic()
        for worker in list(self._workers):
            if (worker.number is not None or not worker.is_ready) and worker.due_at <= now:
                self._replace(worker, f"The document took longer than {self._deadline_s:g} s.")

    def _replace(self, worker: _Worker, reason: str) -> None:
        status = self._remove(worker)
        if not worker.is_ready:
            self._failed_starts += 1
            if self._failed_starts > self._size:
                raise ParserError(f"a parser process does not start (exit status {status})")
        if worker.number is not None:
            body = self._under_way[worker.number].body
            self._finish(worker, _limit_document(body, reason.format(status=status)))

    def _remove(self, worker: _Worker) -> int:
        self._selector.unregister(worker.output)
        self._workers.discard(worker)
        return worker.kill()

    def _finish(self, worker: _Worker, document: ParsedDocument) -> None:
        number = worker.number
        assert number is not None
        self._done[number] = (self._under_way.pop(number).key, document)
        worker.number = None


def _limit_document(body: bytes, reason: str) -> ParsedDocument:
    """The document is not lost: its entries are counted, roughly, in the bytes."""
    return ParsedDocument(
        format=None,
        encoding=None,
        encoding_evidence=None,
        items_in_bytes=len(_ITEM.findall(body)),
        error_class=ErrorClass.PARSER_LIMIT,
        error=reason,
    )
