"""Limits per host: requests at once, the pause between them, `Retry-After`, hosts that are down."""

import asyncio
import time
from collections import Counter, defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from silkwire.fetch.outcome import Outcome, fail
from silkwire.fetch.urls import Target
from silkwire.model import ErrorClass
from silkwire.platforms import PLATFORMS

Origin = tuple[str, str, int]
_STRIKES = {ErrorClass.CONNECT: 2, ErrorClass.TLS: 2, ErrorClass.TIMEOUT: 1}


@dataclass(slots=True)
class _Host:
    turns: asyncio.Semaphore
    next_start: float = 0.0
    blocked_until: float = 0.0


class HostLimits:
    """The hosts of one run, by name: all ports of a name share its turns and pauses."""

    def __init__(self, *, concurrency: int, pause_s: float):
        self._pause_s = pause_s
        self._max_strikes = 2 * concurrency
        self._hosts = defaultdict[str, _Host](lambda: _Host(asyncio.Semaphore(concurrency)))
        self._answered: set[Origin] = set()
        self._strikes: Counter[Origin] = Counter()
        self._last_errors: dict[Origin, ErrorClass] = {}

    @asynccontextmanager
    async def take_turn(self, target: Target) -> AsyncIterator[None]:
        """Wait until the host has a free turn and its pause since the last start is over."""
        host = self._host(target)
        async with host.turns:
            now = time.monotonic()
            start = max(now, host.next_start)
            if self.find_refusal(target) is None:
                host.next_start = start + self._pause_s
                await asyncio.sleep(start - now)
            yield

    def find_refusal(self, target: Target) -> Outcome | None:
        """The outcome without a request if the host asked for a pause or never answers, or None."""
        wait = self._host(target).blocked_until - time.monotonic()
        if wait > 0:
            sentence = f"not requested: {target.host} asked for a pause of {wait:.0f} s more"
            return fail(ErrorClass.RATE_LIMITED, sentence, round(wait))
        is_unknown = target.origin not in self._answered
        if is_unknown and self._strikes[target.origin] >= self._max_strikes:
            sentence = f"not requested: {target.host} did not answer other requests of this run"
            return fail(self._last_errors[target.origin], sentence)
        return None

    def note_response(self, target: Target) -> None:
        self._answered.add(target.origin)

    def note_failure(self, target: Target, error_class: ErrorClass, *, is_whole: bool) -> None:
        """Count an error of the host. `is_whole` says that the request took all of the deadline."""
        self._last_errors[target.origin] = error_class
        strikes = max(_STRIKES.get(error_class, 0), 2 * is_whole)
        is_final = error_class is ErrorClass.DNS
        self._strikes[target.origin] += self._max_strikes if is_final else strikes

    def note_pause(self, target: Target, retry_after_s: int) -> None:
        """Block the host for this long (RFC 9110 §10.2.3), unless it is one of PLATFORMS."""
        if target.host.rstrip(".") not in PLATFORMS:
            host = self._host(target)
            host.blocked_until = max(host.blocked_until, time.monotonic() + retry_after_s)

    def _host(self, target: Target) -> _Host:
        return self._hosts[target.host.rstrip(".")]
