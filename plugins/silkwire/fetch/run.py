"""Fetch many feeds at once, in an event loop with its own thread; hand over their exchanges."""

import asyncio
import logging
import signal
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from queue import SimpleQueue
from typing import Any
from urllib.request import getproxies

from aiohttp.abc import AbstractResolver

from silkwire.config import Settings
from silkwire.fetch.attempt import Attempt, Shared
from silkwire.fetch.client import open_session
from silkwire.fetch.host_limits import HostLimits
from silkwire.model import Exchange, PlannedFeed

_log = logging.getLogger(__name__)
STOP_S = 8.0
"""How long running requests may go on after a signal; archiving them has to fit in 10 s."""
_read_clock = partial(datetime.now, UTC)


def fetch_feeds(
    feeds: Sequence[PlannedFeed],
    settings: Settings,
    *,
    credentials: Mapping[int, str],
    on_exchange: Callable[[Exchange], None],
    now: Callable[[], datetime] = _read_clock,
    resolver: AbstractResolver | None = None,
) -> None:
    """Attempt each feed once and pass one `Exchange` for each, in the order they finish.

    `credentials` maps a feed's key to `user:password`; they appear in no exchange. `on_exchange` is
    called in the caller's thread, one at a time. While it is slow, no new requests start, so
    `settings.fetch_concurrency` bounds the memory. `resolver` replaces DNS in tests; the addresses
    that it returns are checked like any other.

    SIGINT and SIGTERM, caught in the main thread while this runs: running requests get 8 s to
    finish and are passed on; feeds not started or cut off get no exchange. Then the previous
    handler is called, and KeyboardInterrupt raised if it returns.
    An error in `on_exchange` stops everything and is raised.
    """
    _warn_of_proxies()
    run = _Run(feeds, settings, credentials, now, resolver)
    thread = threading.Thread(target=run.run_loop, name="silkwire-fetch", daemon=True)
    with _catch_signals(run.stop) as caught:
        thread.start()
        try:
            while (attempt := run.finished.get()) is not None:
                on_exchange(attempt.exchange.build_exchange())
                run.call(attempt.release_slot)
        except BaseException:
            run.stop(0.0)
            raise
        finally:
            thread.join()
    if caught:
        if callable(signal.getsignal(caught[0])):
            signal.raise_signal(caught[0])
        raise KeyboardInterrupt
    if run.error is not None:
        raise run.error


def _warn_of_proxies() -> None:
    """Log proxies of the environment, since whoever has set one expects it to be used."""
    names = ", ".join(
        f"{scheme.upper()}_PROXY" for scheme in ("all", "http", "https") if scheme in getproxies()
    )
    if names:
        _log.warning("%s is not used: silkwire connects to publishers itself", names)


@contextmanager
def _catch_signals(stop: Callable[[float], None]) -> Iterator[list[signal.Signals]]:
    """Call `stop` at the first SIGINT or SIGTERM, raise KeyboardInterrupt at the second.

    An ignored signal (`nohup`) stays ignored. Only the main thread can set handlers; in any other
    thread this does nothing.
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


@dataclass(eq=False)
class _Run:
    """The part of one `fetch_feeds` call that runs in the event loop."""

    feeds: Sequence[PlannedFeed]
    settings: Settings
    credentials: Mapping[int, str]
    now: Callable[[], datetime]
    resolver: AbstractResolver | None
    finished: SimpleQueue[Attempt | None] = field(default_factory=SimpleQueue)
    """Attempts that ended; None when no more will come."""
    error: BaseException | None = None
    _loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.new_event_loop)
    _stopping: asyncio.Event = field(default_factory=asyncio.Event)
    _grace_s: float = 0.0

    def stop(self, grace_s: float) -> None:
        """Start no more requests; cut off running ones after `grace_s`. Thread-safe."""
        self._grace_s = grace_s
        self.call(self._stopping.set)

    def call(self, function: Callable[[], None]) -> None:
        """Call `function` in the event loop. Any thread may call it."""
        with suppress(RuntimeError):  # the loop may have just ended
            self._loop.call_soon_threadsafe(function)

    def run_loop(self) -> None:
        try:
            self._loop.run_until_complete(self._fetch_all())
        except BaseException as exc:  # noqa: BLE001 - raised again in the caller's thread
            self.error = exc
        finally:
            self._loop.close()
            self.finished.put(None)

    async def _fetch_all(self) -> None:
        settings = self.settings
        async with open_session(settings, self.resolver) as session:
            hosts = HostLimits(
                concurrency=settings.fetch_host_concurrency, pause_s=settings.fetch_host_pause
            )
            slots = asyncio.Semaphore(settings.fetch_concurrency)
            shared = Shared(session, hosts, slots, settings, self.now)
            attempts = [
                Attempt(feed, self.credentials.get(feed.feed_key), shared) for feed in self.feeds
            ]
            tasks = {asyncio.create_task(self._fetch_one(attempt)): attempt for attempt in attempts}
            await self._wait(tasks)

    async def _fetch_one(self, attempt: Attempt) -> None:
        try:
            await attempt.run()
        except BaseException:
            attempt.release_slot()
            attempt.exchange.close()
            raise
        self.finished.put(attempt)

    async def _wait(self, tasks: Mapping[asyncio.Task[None], Attempt]) -> None:
        """Wait until all tasks end, one fails by an error of ours, or `stop` is called."""
        everything = asyncio.gather(*tasks)
        stop = asyncio.create_task(self._stopping.wait())
        waited: tuple[asyncio.Future[Any], ...] = (everything, stop)
        await asyncio.wait(waited, return_when=asyncio.FIRST_COMPLETED)
        if everything.done():
            self.error = everything.exception()
        started = {task for task, attempt in tasks.items() if attempt.has_started}
        for task in tasks.keys() - started:
            task.cancel()
        if started:
            await asyncio.wait(started, timeout=self._grace_s)
        for future in (*started, stop):
            future.cancel()
        await asyncio.gather(*tasks, everything, stop, return_exceptions=True)
