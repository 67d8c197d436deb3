"""One attempt at one feed: its requests, redirects included, each in its host's turn."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import aiohttp
from yarl import URL

from silkwire.config import Settings
from silkwire.contentcoding import BodyTooLargeError
from silkwire.fetch.answers import REDIRECTS, Judgement, is_success, judge_answer
from silkwire.fetch.bodies import EVIDENCE_BYTES, ReceivedBody, receive_all, receive_evidence
from silkwire.fetch.client import AddressedResponse
from silkwire.fetch.failures import Failure, explain_exception
from silkwire.fetch.headers import build_request_headers, format_request_head, redact
from silkwire.fetch.hosts import Hosts
from silkwire.fetch.transcript import Transcript
from silkwire.fetch.urls import (
    RefusedUrlError,
    Target,
    may_send_credentials,
    parse_target,
    resolve_location,
)
from silkwire.model import ErrorClass, PlannedFeed, Redirect

MAX_REDIRECTS = 5


@dataclass(frozen=True, slots=True)
class Tools:
    """What the attempts of a run share."""

    session: aiohttp.ClientSession
    hosts: Hosts
    slots: asyncio.Semaphore
    """One for every request under way and every exchange not yet handed over."""
    settings: Settings
    now: Callable[[], datetime]


class Attempt:
    """One feed's attempt: `run` fills `transcript`, whatever the servers do."""

    def __init__(self, feed: PlannedFeed, credentials: str | None, tools: Tools):
        self.transcript = Transcript(feed, tools.now(), credentials)
        self.has_started = False
        self.holds_slot = False
        self._tools = tools
        self._first: Target | None = None

    async def run(self) -> None:
        """Raises nothing that a server provokes. The slot of the last request stays held."""
        feed, transcript = self.transcript.feed, self.transcript
        try:
            step: Target | None = parse_target(feed.fetch_url)
        except RefusedUrlError as exc:
            self._fail(ErrorClass.REFUSED_URL, str(exc))
            return
        assert step is not None
        self._first = step
        transcript.credentials = transcript.credentials or step.credentials
        while step is not None:
            async with self._tools.hosts.take_turn(step):
                step = await self._ask_host(step)

    def release_slot(self) -> None:
        if self.holds_slot:
            self.holds_slot = False
            self._tools.slots.release()

    async def _ask_host(self, target: Target) -> Target | None:
        """Request, and follow redirects while they stay on this host; the next host's, or None."""
        await self._tools.slots.acquire()
        self.holds_slot = True
        if refusal := self._tools.hosts.find_refusal(target):
            self._fail(refusal.error_class, refusal.error, refusal.retry_after_s)
            return None
        if not self.has_started:
            self.has_started = True
            self.transcript.started_at = self._tools.now()
        step: Target | None = target
        while step is not None and step.host == target.host:
            step = await self._request(step)
        if step is not None:
            # Held while waiting for another host's turn, slots would lock each other out.
            self.release_slot()
        return step

    async def _request(self, target: Target) -> Target | None:
        """One request within what is left of the deadline; where it redirects to, or None."""
        transcript, began = self.transcript, time.monotonic()
        deadline = asyncio.timeout(self._tools.settings.fetch_deadline - transcript.spent_s)
        try:
            async with deadline:
                return await self._converse(target)
        except BodyTooLargeError as exc:
            transcript.truncated = "length"
            self._fail(ErrorClass.BODY_TOO_LARGE, str(exc))
        except RefusedUrlError as exc:
            self._fail(ErrorClass.REFUSED_URL, f"the redirect was not followed: {exc}")
        except Exception as exc:  # noqa: BLE001 - what a server provokes is a row, not an outage
            self._note_exception(exc, target, is_whole=deadline.expired())
        finally:
            transcript.spent_s += time.monotonic() - began
        return None

    async def _converse(self, target: Target) -> Target | None:
        response = await self._send(target)
        try:
            if response.status in REDIRECTS:
                self._tools.hosts.note_answer(target)
                return self._follow(target, response)
            body = await self._receive(response)
        finally:
            response.close()
        self._tools.hosts.note_answer(target)
        judgement = judge_answer(
            response.status,
            response.reason,
            response.headers,
            body=body,
            feed=self.transcript.feed,
            now=self._tools.now(),
        )
        if judgement.retry_after_s is not None:
            self._tools.hosts.note_pause(target, judgement.retry_after_s)
        self.transcript.judgement = judgement
        return None

    async def _send(self, target: Target) -> AddressedResponse:
        """The answer's head, which has to come sooner than the whole."""
        transcript, settings = self.transcript, self._tools.settings
        assert self._first is not None
        is_trusted = may_send_credentials(self._first, target)
        headers = build_request_headers(
            target,
            transcript.feed,
            contact=settings.fetch_contact,
            credentials=transcript.credentials if is_trusted else None,
        )
        transcript.final_url, transcript.response = target.url, None
        transcript.request_head = format_request_head(target, headers, transcript.credentials)
        async with asyncio.timeout(settings.fetch_first_byte):
            response = await self._tools.session.get(
                URL(target.url, encoded=True), headers=headers, allow_redirects=False
            )
        assert isinstance(response, AddressedResponse)
        transcript.response = response
        return response

    def _follow(self, target: Target, response: AddressedResponse) -> Target | None:
        transcript, location = self.transcript, response.headers.get("Location")
        if location is None:
            sentence = f"the server answered {response.status} without a Location"
            self._fail(ErrorClass.PROTOCOL, sentence)
            return None
        if len(transcript.redirects) == MAX_REDIRECTS:
            self._fail(ErrorClass.TOO_MANY_REDIRECTS, f"more than {MAX_REDIRECTS} redirects")
            return None
        following = resolve_location(target, location)
        hop = Redirect(response.status, redact(following.url, transcript.credentials))
        transcript.redirects += (hop,)
        return following

    async def _receive(self, response: AddressedResponse) -> ReceivedBody:
        """The body; of an error page, the beginning. Raises BodyTooLargeError for a feed's."""
        max_bytes = self._tools.settings.fetch_max_bytes
        if not is_success(response.status):
            body = self.transcript.body = ReceivedBody(
                None, max_bytes=min(EVIDENCE_BYTES, max_bytes)
            )
            self.transcript.truncated = await receive_evidence(response, body)
            return body
        codings = ", ".join(response.headers.getall("Content-Encoding", []))
        body = self.transcript.body = ReceivedBody(codings, max_bytes=max_bytes)
        if (response.content_length or 0) > max_bytes:
            raise BodyTooLargeError(f"the body is larger than {max_bytes:,} bytes")
        await receive_all(response, body)
        return body

    def _note_exception(self, exc: Exception, target: Target, *, is_whole: bool) -> None:
        if self.transcript.response is not None:
            is_late = isinstance(exc, TimeoutError)
            self.transcript.truncated = "time" if is_late else "disconnect"
        failure = explain_exception(exc, target)
        self._tools.hosts.note_failure(target, failure.error_class, is_whole=is_whole)
        self._fail(failure.error_class, failure.error)

    def _fail(self, error_class: ErrorClass, error: str, retry_after_s: int | None = None) -> None:
        self.transcript.judgement = Judgement.fail(Failure(error_class, error), retry_after_s)
