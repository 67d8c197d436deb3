"""Politeness and patience, per host: turns, pauses, `Retry-After`, and hosts that never answer."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from silkwire.fetch.urls import Target
from silkwire.model import ErrorClass
from silkwire.platforms import PLATFORMS

_STRIKES = {ErrorClass.CONNECT: 2, ErrorClass.TLS: 2, ErrorClass.TIMEOUT: 1}


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a feed is not requested now."""

    error_class: ErrorClass
    error: str
    retry_after_s: int | None = None


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


class Hosts:
    """What one run knows of the hosts it asks. Hosts are host names; ports share their turns."""

    def __init__(self, *, concurrency: int, pause_s: float):
        self._concurrency = concurrency
        self._pause_s = pause_s
        self._hosts: dict[str, _Host] = {}

    @asynccontextmanager
    async def take_turn(self, target: Target) -> AsyncIterator[None]:
        """Wait for one of the host's turns, and so long after the last one began."""
        host = self._of(target)
        async with host.turns:
            now = time.monotonic()
            start = max(now, host.next_start)
            host.next_start = start + self._pause_s
            if self.find_refusal(target) is None:
                await asyncio.sleep(start - now)
            else:
                host.next_start -= self._pause_s
            yield

    def find_refusal(self, target: Target) -> Refusal | None:
        """Why not to ask this host now: it asked for a pause, or never answers."""
        host, origin = self._of(target), self._origin(target)
        wait = host.blocked_until - time.monotonic()
        if wait > 0:
            sentence = f"not requested: {target.host} asked for a pause of {wait:.0f} s more"
            return Refusal(ErrorClass.RATE_LIMITED, sentence, round(wait))
        if not origin.has_answered and origin.strikes >= 2 * self._concurrency:
            sentence = f"not requested: {target.host} did not answer other requests of this run"
            return Refusal(origin.last_error, sentence)
        return None

    def note_answer(self, target: Target) -> None:
        self._origin(target).has_answered = True

    def note_failure(self, target: Target, error_class: ErrorClass, *, is_whole: bool) -> None:
        """Count a failure that tells of the host; `is_whole`: it used up the whole deadline."""
        origin = self._origin(target)
        origin.last_error = error_class
        if error_class is ErrorClass.DNS:
            origin.strikes += 2 * self._concurrency
        else:
            origin.strikes += max(_STRIKES.get(error_class, 0), 2 * is_whole)

    def note_pause(self, target: Target, retry_after_s: int) -> None:
        """The host asked for a pause (RFC 9110 §10.2.3); see PLATFORMS for the exceptions."""
        if target.host.rstrip(".") not in PLATFORMS:
            host = self._of(target)
            host.blocked_until = max(host.blocked_until, time.monotonic() + retry_after_s)

    def _of(self, target: Target) -> _Host:
        name = target.host.rstrip(".")
        if name not in self._hosts:
            self._hosts[name] = _Host(asyncio.Semaphore(self._concurrency))
        return self._hosts[name]

    def _origin(self, target: Target) -> _Origin:
        return self._of(target).origins.setdefault(target.origin, _Origin())
