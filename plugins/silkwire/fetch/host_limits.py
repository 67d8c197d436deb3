"""Limits per host: requests at once, the pause between them, `Retry-After`, hosts that are down."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from silkwire.fetch.outcome import Outcome, fail
from silkwire.fetch.urls import Target
from silkwire.model import ErrorClass
from silkwire.platforms import PLATFORMS

_STRIKES = {ErrorClass.CONNECT: 2, ErrorClass.TLS: 2, ErrorClass.TIMEOUT: 1}


@dataclass(slots=True)
class _Origin:
    strikes: int = 0
    has_answered: bool = False
    last_error: ErrorClass = ErrorClass.TIMEOUT


@dataclass(slots=True)
class _Host:
    turns: asyncio.Semaphore
    next_start: float = 0.0
    blocked_until: float = 0.0
    origins: dict[tuple[str, str, int], _Origin] = field(default_factory=dict)


class HostLimits:
    """The hosts of one run, by name: all ports of a name share its turns and pauses."""

    def __init__(self, *, concurrency: int, pause_s: float):
        self._concurrency = concurrency
        self._pause_s = pause_s
        self._max_strikes = 2 * concurrency
        self._hosts: dict[str, _Host] = {}

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
        """Why not to request from this host now: it asked for a pause, or it never answers."""
        wait = self._host(target).blocked_until - time.monotonic()
        if wait > 0:
            sentence = f"not requested: {target.host} asked for a pause of {wait:.0f} s more"
            return fail(ErrorClass.RATE_LIMITED, sentence, round(wait))
        origin = self._origin(target)
        if not origin.has_answered and origin.strikes >= self._max_strikes:
            sentence = f"not requested: {target.host} did not answer other requests of this run"
            return fail(origin.last_error, sentence)
        return None

    def note_response(self, target: Target) -> None:
        self._origin(target).has_answered = True

    def note_failure(self, target: Target, error_class: ErrorClass, *, is_whole: bool) -> None:
        """Add strikes for an error of the host; `is_whole`: it took all of the deadline."""
        origin = self._origin(target)
        origin.last_error = error_class
        if error_class is ErrorClass.DNS:
            origin.strikes += self._max_strikes
        else:
            origin.strikes += max(_STRIKES.get(error_class, 0), 2 * is_whole)

    def note_pause(self, target: Target, retry_after_s: int) -> None:
        """Block the host for this long (RFC 9110 §10.2.3), unless it is one of PLATFORMS."""
        if target.host.rstrip(".") not in PLATFORMS:
            host = self._host(target)
            host.blocked_until = max(host.blocked_until, time.monotonic() + retry_after_s)

    def _host(self, target: Target) -> _Host:
        name = target.host.rstrip(".")
        if name not in self._hosts:
            self._hosts[name] = _Host(asyncio.Semaphore(self._concurrency))
        return self._hosts[name]

    def _origin(self, target: Target) -> _Origin:
        return self._host(target).origins.setdefault(target.origin, _Origin())
