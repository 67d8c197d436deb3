"""Fetch many feeds at once: an event loop in a thread of its own, exchanges in the caller's."""

import asyncio
import logging
import signal
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from queue import SimpleQueue
from typing import Any
from urllib.request import getproxies

from aiohttp.abc import AbstractResolver

from silkwire.config import Settings
from silkwire.fetch.attempt import Attempt, Tools
from silkwire.fetch.client import open_session
from silkwire.fetch.hosts import Hosts
from silkwire.model import Exchange, PlannedFeed

_log = logging.getLogger(__name__)
STOP_S = 8.0
"""How long requests under way may go on after a signal; archiving them has to fit in 10 s."""


def _read_clock() -> datetime:
    return datetime.now(UTC)


def fetch_feeds(
    feeds: Sequence[PlannedFeed],
    settings: Settings,
    *,
    credentials: Mapping[int, str],
    on_exchange: Callable[[Exchange], None],
    now: Callable[[], datetime] = _read_clock,
    resolver: AbstractResolver | None = None,
) -> None:
    """Attempt every feed once; hand over one `Exchange` for each, in the order they finish.

    `credentials` maps a feed's key to `user:password`; they appear in no exchange. `on_exchange` is
    called in the caller's thread, one at a time; while it is slow, no new requests begin, so that
    memory is bounded by `settings.fetch_concurrency`. `resolver` stands in for DNS in tests; what
    it answers is checked like any address.

    SIGINT and SIGTERM (caught while this runs, in the main thread): requests under way get 8 s to
    finish and are handed over; feeds not begun or cut off then get no exchange. After that the
    handler that was there before is called, and KeyboardInterrupt raised if it returns.
    An error in `on_exchange` stops everything and is raised.
    """
    _warn_of_proxies()
    run = _Run(feeds, settings, credentials, now, resolver)
    with _catch_signals(run.stop) as caught:
        run.start()
        try:
            while (attempt := run.finished.get()) is not None:
                exchange = attempt.transcript.build_exchange()
                on_exchange(exchange)
                run.release(attempt)
        except BaseException:
            run.stop(0.0)
            raise
        finally:
            run.thread.join()
    if caught:
        if callable(signal.getsignal(caught[0])):
            signal.raise_signal(caught[0])
        raise KeyboardInterrupt
    if run.error is not None:
        raise run.error


def _warn_of_proxies() -> None:
    """Whoever has set one would look for the fault elsewhere."""
    ignored = [
        f"{scheme.upper()}_PROXY" for scheme in ("all", "http", "https") if scheme in getproxies()
    ]
    if ignored:
        names = ", ".join(ignored)
        _log.warning("%s is not used: silkwire connects to publishers itself", names)


@contextmanager
def _catch_signals(stop: Callable[[float], None]) -> Iterator[list[signal.Signals]]:
    """Turn the first SIGINT or SIGTERM into `stop`, the second into KeyboardInterrupt.

    What is ignored (`nohup`) stays ignored. Only the main thread may do this; others do without.
    """
    caught: list[signal.Signals] = []
    previous: dict[signal.Signals, Any] = {}

    def catch(number: int, frame: object) -> None:
        del frame
        caught.append(signal.Signals(number))
        if len(caught) > 1:
            raise KeyboardInterrupt
        _log.warning("Stopping: requests under way get %.0f s to finish", STOP_S)
        stop(STOP_S)

    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGINT, signal.SIGTERM):
            if signal.getsignal(number) is not signal.SIG_IGN:
                previous[number] = signal.signal(number, catch)
    try:
        yield caught
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


class _Run:
    """The loop's side of one call of `fetch_feeds`."""

    def __init__(
        self,
        feeds: Sequence[PlannedFeed],
        settings: Settings,
        credentials: Mapping[int, str],
        now: Callable[[], datetime],
        resolver: AbstractResolver | None,
    ):
        self.finished: SimpleQueue[Attempt | None] = SimpleQueue()
        """Attempts that ended; None when no more will come."""
        self.error: BaseException | None = None
        self.thread = threading.Thread(target=self._run_loop, name="silkwire-fetch", daemon=True)
        self._feeds = feeds
        self._settings = settings
        self._credentials = credentials
        self._now = now
        self._resolver = resolver
        self._loop = asyncio.new_event_loop()
        self._stopping = asyncio.Event()
        self._grace_s = 0.0

    def start(self) -> None:
        self.thread.start()

    def stop(self, grace_s: float) -> None:
        """Begin nothing new; cut off after `grace_s` what is under way. From any thread."""
        self._grace_s = grace_s
        self._call(self._stopping.set)

    def release(self, attempt: Attempt) -> None:
        """The exchange was taken: another request may begin. From any thread."""
        self._call(attempt.release_slot)

    def _call(self, function: Callable[[], None]) -> None:
        with suppress(RuntimeError):  # the loop may have ended just now
            self._loop.call_soon_threadsafe(function)

    def _run_loop(self) -> None:
        try:
            self._loop.run_until_complete(self._fetch_all())
        except BaseException as exc:  # noqa: BLE001 - raised again in the caller's thread
            self.error = exc
        finally:
            self._loop.close()
            self.finished.put(None)

    async def _fetch_all(self) -> None:
        settings = self._settings
        async with open_session(settings, self._resolver) as session:
            hosts = Hosts(
                concurrency=settings.fetch_host_concurrency, pause_s=settings.fetch_host_pause
            )
            slots = asyncio.Semaphore(settings.fetch_concurrency)
            tools = Tools(session, hosts, slots, settings, self._now)
            attempts = [
                Attempt(feed, self._credentials.get(feed.feed_key), tools) for feed in self._feeds
            ]
            tasks = {asyncio.create_task(self._fetch_one(attempt)): attempt for attempt in attempts}
            await self._wait(tasks)

    async def _fetch_one(self, attempt: Attempt) -> None:
        try:
            await attempt.run()
        except BaseException:
            attempt.release_slot()
            attempt.transcript.close()
            raise
        self.finished.put(attempt)

    async def _wait(self, tasks: Mapping[asyncio.Task[None], Attempt]) -> None:
        """Until all ended, or one failed for a reason of ours, or we are asked to stop."""
        everything = asyncio.gather(*tasks)
        stop = asyncio.create_task(self._stopping.wait())
        waited: tuple[asyncio.Future[Any], ...] = (everything, stop)
        await asyncio.wait(waited, return_when=asyncio.FIRST_COMPLETED)
        if everything.done():
            self.error = everything.exception()
        under_way = {task for task, attempt in tasks.items() if attempt.has_started}
        for task in tasks.keys() - under_way:
            task.cancel()
        if under_way:
            await asyncio.wait(under_way, timeout=self._grace_s)
        for future in (*under_way, stop):
            future.cancel()
        await asyncio.gather(*tasks, everything, stop, return_exceptions=True)
