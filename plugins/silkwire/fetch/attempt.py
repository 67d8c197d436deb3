"""One attempt at one feed: its request and redirects, each within the limits of its host."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import aiohttp
from yarl import URL

from silkwire.config import Settings
from silkwire.contentcoding import BodyTooLargeError
from silkwire.fetch.body import ERROR_PAGE_BYTES, ReceivedBody, receive_all, receive_error_page
from silkwire.fetch.client import Response
from silkwire.fetch.credentials import may_send_credentials, redact
from silkwire.fetch.exchange import ExchangeBuilder
from silkwire.fetch.headers import build_request_headers
from silkwire.fetch.host_limits import HostLimits
from silkwire.fetch.outcome import classify_exception, decide_outcome, fail
from silkwire.fetch.urls import RefusedUrlError, Target, parse_target, resolve_location
from silkwire.model import ErrorClass, PlannedFeed, Redirect

MAX_REDIRECTS = 5


@dataclass(frozen=True, slots=True)
class Shared:
    """What all attempts of a run share."""

    session: aiohttp.ClientSession
    hosts: HostLimits
    slots: asyncio.Semaphore
    """One slot for each running request and each exchange that waits for `on_exchange`."""
    settings: Settings
    now: Callable[[], datetime]


class Attempt:
    """One feed's attempt; `run` fills `exchange`, whatever the servers do."""

    def __init__(self, feed: PlannedFeed, credentials: str | None, shared: Shared):
        self.exchange = ExchangeBuilder(feed, shared.now(), credentials)
        self.has_started = False
        self.holds_slot = False
        self._shared = shared
        self._first: Target | None = None

    async def run(self) -> None:
        """Make the attempt. No server can make this raise. The last request's slot stays held."""
        exchange = self.exchange
        try:
            self._first = parse_target(exchange.feed.fetch_url)
        except RefusedUrlError as exc:
            exchange.outcome = fail(ErrorClass.REFUSED_URL, str(exc))
            return
        exchange.credentials = exchange.credentials or self._first.credentials
        target: Target | None = self._first
        while target is not None:
            async with self._shared.hosts.take_turn(target):
                target = await self._request_from_host(target)

    def release_slot(self) -> None:
        if self.holds_slot:
            self.holds_slot = False
            self._shared.slots.release()

    async def _request_from_host(self, target: Target) -> Target | None:
        """Request and follow redirects within this host; return a redirect to another host."""
        await self._shared.slots.acquire()
        self.holds_slot = True
        if refusal := self._shared.hosts.find_refusal(target):
            self.exchange.outcome = refusal
            return None
        if not self.has_started:
            self.has_started = True
            self.exchange.started_at = self._shared.now()
        following: Target | None = target
        while following is not None and following.host == target.host:
            following = await self._request(following)
        if following is not None:
            # If attempts held a slot while they wait for another host, they could deadlock.
            self.release_slot()
        return following

    async def _request(self, target: Target) -> Target | None:
        """One request within the rest of the deadline; return where it redirects to."""
        exchange, began = self.exchange, time.monotonic()
        deadline = asyncio.timeout(self._shared.settings.fetch_deadline - exchange.spent_s)
        try:
            async with deadline:
                return await self._send_and_receive(target)
        except BodyTooLargeError as exc:
            exchange.truncated = "length"
            exchange.outcome = fail(ErrorClass.BODY_TOO_LARGE, str(exc))
        except RefusedUrlError as exc:
            sentence = f"the redirect was not followed: {exc}"
            exchange.outcome = fail(ErrorClass.REFUSED_URL, sentence)
        except Exception as exc:  # noqa: BLE001 - a server's fault is a row of `ops.fetch`
            self._note_exception(exc, target, is_whole=deadline.expired())
        finally:
            exchange.spent_s += time.monotonic() - began
        return None

    async def _send_and_receive(self, target: Target) -> Target | None:
        exchange, hosts = self.exchange, self._shared.hosts
        response = await self._send(target)
        try:
            if response.is_redirect:
                hosts.note_response(target)
                return self._follow(target, response)
            body = await self._receive(response)
        finally:
            response.close()
        hosts.note_response(target)
        exchange.outcome = decide_outcome(response, body, exchange.feed, self._shared.now())
        if exchange.outcome.retry_after_s is not None:
            hosts.note_pause(target, exchange.outcome.retry_after_s)
        return None

    async def _send(self, target: Target) -> Response:
        """Send the request and receive the response's head, within `fetch_first_byte` seconds."""
        exchange, settings = self.exchange, self._shared.settings
        assert self._first is not None
        is_trusted = may_send_credentials(self._first, target)
        headers = build_request_headers(
            target,
            exchange.feed,
            contact=settings.fetch_contact,
            credentials=exchange.credentials if is_trusted else None,
        )
        exchange.start_request(target, headers)
        async with asyncio.timeout(settings.fetch_first_byte):
            response = await self._shared.session.get(
                URL(target.url, encoded=True), headers=headers, allow_redirects=False
            )
        assert isinstance(response, Response)
        exchange.response = response
        return response

    def _follow(self, target: Target, response: Response) -> Target | None:
        exchange, location = self.exchange, response.headers.get("Location")
        if location is None:
            sentence = f"the server answered {response.status} without a Location"
            exchange.outcome = fail(ErrorClass.PROTOCOL, sentence)
        elif len(exchange.redirects) == MAX_REDIRECTS:
            sentence = f"more than {MAX_REDIRECTS} redirects"
            exchange.outcome = fail(ErrorClass.TOO_MANY_REDIRECTS, sentence)
        else:
            following = resolve_location(target, location)
            hop = Redirect(response.status, redact(following.url, exchange.credentials))
            exchange.redirects += (hop,)
            return following
        return None

    async def _receive(self, response: Response) -> ReceivedBody:
        """Receive the body, or the start of an error page. Raises BodyTooLargeError for a feed."""
        exchange, max_bytes = self.exchange, self._shared.settings.fetch_max_bytes
        if not response.is_success:
            max_bytes = min(ERROR_PAGE_BYTES, max_bytes)
            body = exchange.body = ReceivedBody(None, max_bytes=max_bytes)
            exchange.truncated = await receive_error_page(response, body)
            return body
        codings = ", ".join(response.headers.getall("Content-Encoding", []))
        body = exchange.body = ReceivedBody(codings, max_bytes=max_bytes)
        if (response.content_length or 0) > max_bytes:
            raise BodyTooLargeError(f"the body is larger than {max_bytes:,} bytes")
        await receive_all(response, body)
        return body

    def _note_exception(self, exc: Exception, target: Target, *, is_whole: bool) -> None:
        if self.exchange.response is not None:
            is_late = isinstance(exc, TimeoutError)
            self.exchange.truncated = "time" if is_late else "disconnect"
        outcome = self.exchange.outcome = classify_exception(exc, target)
        assert outcome.error_class is not None
        self._shared.hosts.note_failure(target, outcome.error_class, is_whole=is_whole)
