"""Parse documents in child processes that can be killed: a bad document costs only its deadline."""

import os
import re
import selectors
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import ClassVar, Optional

import msgspec

from silkwire.childprocess import Child
from silkwire.errors import ParserError
from silkwire.model import ErrorClass, ParsedDocument, ParseJob

_START_S = 60.0
"""How long a fresh process may take until it is ready, on a busy machine."""
_READ_AHEAD = 4
"""Documents read ahead for each worker."""
_RECYCLE_BYTES = 400 << 20
_ITEM = re.compile(rb"<(?:[\w.-]{1,40}:)?(?:item|entry)[\s/>]")


def parse_documents(
    jobs: Iterable[ParseJob], *, workers: int, deadline_s: float
) -> Iterator[tuple[int, ParsedDocument]]:
    """`(job.key, document)` in the order of `jobs`, parsed by `workers` reused processes.

    A process that takes longer than `deadline_s` for a document, or dies while it parses it, is
    replaced; that document has `error_class=parser_limit` and the reason. At most a few documents
    are held at once. Raises ParserError if no process can be started.
    """
    pool = _Pool(max(1, workers), deadline_s)
    try:
        yield from pool.run(iter(jobs))
    finally:
        pool.stop()


def start_parser(deadline_s: float) -> None:
    """Start a process for the next `parse_documents`, if none waits already; returns at once."""
    if _Worker.started_ahead is None:
        _Worker.started_ahead = _Worker(deadline_s)


class _Worker(Child):
    """A parser process and its current job."""

    started_ahead: ClassVar[Optional["_Worker"]] = None

    @classmethod
    def take(cls, deadline_s: float) -> "_Worker":
        """The worker that was started in advance if it is ours and has this deadline, else a new
        one."""
        worker, cls.started_ahead = cls.started_ahead, None
        if worker is None or not worker.is_ours:
            return cls(deadline_s)
        if worker.deadline_s != deadline_s:
            worker.kill()
            return cls(deadline_s)
        worker.due_at = time.monotonic() + _START_S
        return worker

    def __init__(self, deadline_s: float) -> None:
        super().__init__("silkwire.parse.processes.child", str(deadline_s))
        self.deadline_s = deadline_s
        self.number: int | None = None
        """The position of its job among all jobs; None while it has no job."""
        self.due_at = time.monotonic() + _START_S

    @property
    def is_busy(self) -> bool:
        return self.number is not None or not self.is_ready

    def start_job(self, number: int, frame: bytes) -> None:
        """Hand over a job. A worker that has died is noticed when its output ends."""
        self.number = number
        self.due_at = time.monotonic() + self.deadline_s
        with suppress(BrokenPipeError):
            self.send(frame)

    def is_bloated(self) -> bool:
        """Whether the process holds so much memory that a fresh one is cheaper."""
        try:
            pages = int(Path(f"/proc/{self.pid}/statm").read_text("ascii").split()[1])
        except (OSError, ValueError, IndexError):
            return False
        return pages * os.sysconf("SC_PAGE_SIZE") > _RECYCLE_BYTES


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
        self._encoder = msgspec.msgpack.Encoder()
        self._decoder = msgspec.msgpack.Decoder(ParsedDocument)
        self._failed_starts = 0

    def run(self, jobs: Iterator[ParseJob]) -> Iterator[tuple[int, ParsedDocument]]:
        taken = given = 0
        is_more = True
        while is_more or given < taken:
            while is_more and taken - given < self._size * _READ_AHEAD:
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
        """Start workers and jobs as far as possible, then wait for the next result or deadline."""
        # A start takes as long as parsing a dozen documents, so one process serves a few documents.
        known = len(self._waiting) + len(self._under_way)
        wanted = min(self._size, -(-known // _READ_AHEAD))
        while len(self._workers) < wanted:
            self._start_worker()
        for worker in self._workers:
            if not worker.is_busy and self._waiting:
                number = next(iter(self._waiting))
                self._under_way[number] = job = self._waiting.pop(number)
                worker.start_job(number, self._encoder.encode(job))
        busy = [worker for worker in self._workers if worker.is_busy]
        if not busy:
            return
        wait_s = max(0.0, min(worker.due_at for worker in busy) - time.monotonic())
        for key, _ in self._selector.select(wait_s):
            self._receive(key.data)
        self._replace_overdue()

    def _start_worker(self) -> None:
        try:
            worker = _Worker.take(self._deadline_s)
        except OSError as exc:
            raise ParserError(f"a parser process cannot be started: {exc}") from exc
        self._workers.add(worker)
        self._selector.register(worker, selectors.EVENT_READ, worker)

    def _receive(self, worker: _Worker) -> None:
        try:
            frame = worker.receive()
        except EOFError:
            self._replace(worker, "The parser process died ({status}).")
            return
        if frame is None:
            return
        if worker.number is None:  # the frame that says that it is ready
            self._failed_starts = 0
            return
        self._finish(worker, self._decoder.decode(frame))
        if worker.is_bloated():
            self._remove(worker)

    def _replace_overdue(self) -> None:
        now = time.monotonic()
        for worker in list(self._workers):
            if worker.is_busy and worker.due_at <= now:
                self._replace(worker, f"The document took longer than {self._deadline_s:g} s.")

    def _replace(self, worker: _Worker, reason: str) -> None:
        status = self._remove(worker)
        if not worker.is_ready:
            self._failed_starts += 1
            if self._failed_starts > self._size:
                raise ParserError(f"a parser process does not start (exit status {status})")
        if worker.number is not None:
            body = self._under_way[worker.number].body
            self._finish(worker, _make_limit_document(body, reason.format(status=status)))

    def _remove(self, worker: _Worker) -> int | None:
        self._selector.unregister(worker)
        self._workers.discard(worker)
        return worker.kill()

    def _finish(self, worker: _Worker, document: ParsedDocument) -> None:
        assert worker.number is not None
        self._done[worker.number] = (self._under_way.pop(worker.number).key, document)
        worker.number = None


def _make_limit_document(body: bytes, reason: str) -> ParsedDocument:
    """A document that was not parsed; its entries are counted roughly in its bytes."""
    return ParsedDocument(
        format=None,
        encoding=None,
        encoding_evidence=None,
        items_in_bytes=len(_ITEM.findall(body)),
        error_class=ErrorClass.PARSER_LIMIT,
        error=reason,
    )
