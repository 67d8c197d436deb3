"""Fetch a url once, as the pipeline does, and parse the answer. Stores nothing."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email.parser import BytesHeaderParser
from urllib.parse import urljoin

from silkwire.config import Settings
from silkwire.contentcoding import ContentCodingError, decode_body
from silkwire.feeds.schedule.moves import find_permanent_target
from silkwire.fetch import fetch_feeds
from silkwire.fetch.robots import may_read
from silkwire.model import (
    ErrorClass,
    Exchange,
    FetchOutcome,
    FetchResult,
    ParsedDocument,
    ParseJob,
    PlannedFeed,
)
from silkwire.parse import parse_documents

COMMON_PATHS = ("/feed", "/rss", "/rss.xml", "/atom.xml", "/feed.xml", "/index.xml")
"""Usual paths of feeds, for sites whose pages do not name their feed."""
_NO_ROBOTS_TXT = {
    ErrorClass.CLIENT_ERROR,
    ErrorClass.GONE,
    ErrorClass.EMPTY_BODY,
    ErrorClass.TOO_MANY_REDIRECTS,
}
_NOT_REACHED = {
    ErrorClass.DNS,
    ErrorClass.CONNECT,
    ErrorClass.TLS,
    ErrorClass.TIMEOUT,
    ErrorClass.REFUSED_ADDRESS,
}
"""If robots.txt fails with one of these, the site cannot be reached, and the message says so."""


@dataclass(frozen=True, slots=True)
class Probe:
    """The result of fetching one url; `document` is None if there is no body."""

    url: str
    result: FetchResult
    document: ParsedDocument | None

    @property
    def is_feed(self) -> bool:
        return self.document is not None and self.document.error_class is None

    @property
    def permanent_url(self) -> str:
        """The url for the list: the target of permanent redirects, else the url itself."""
        return find_permanent_target(self.url, self.result.redirects) or self.url

    @property
    def error(self) -> str:
        """Why the fetched document is not a feed; empty if it is one."""
        if self.is_feed:
            return ""
        reason = self.result.error or (self.document.error if self.document else None)
        return reason or "not a feed"


def probe_feed(url: str, settings: Settings, credential: str | None = None) -> Probe:
    """Fetch `url`, which contains no credential, without validators, and parse the answer."""
    exchange = _fetch(url, settings, credential)
    return Probe(url, exchange.result, _parse(exchange, settings))


def find_feeds(
    url: str, settings: Settings, credential: str | None = None, *, is_page: bool = True
) -> Iterator[Probe]:
    """Probe `url`; if it is a page, also probe the feed that it names, or else the usual paths.

    What may be a page (`url` if `is_page`, and the usual paths) is fetched only if robots.txt
    allows it. A feed that a page names is published to be polled, so robots.txt does not apply.
    """
    robots = Robots(settings)
    probe = (robots.refuse(url) if is_page else None) or probe_feed(url, settings, credential)
    yield probe
    if probe.is_feed or probe.document is None or probe.result.error_class is not None:
        return  # an error answer is not a page with a feed
    page_url = probe.result.final_url or url
    named = probe.document.suggested_feed_url
    candidates = [named] if named else [urljoin(page_url, path) for path in COMMON_PATHS]
    for candidate in candidates:
        refused = None if candidate == named else robots.refuse(candidate)
        probe = refused or probe_feed(candidate, settings)
        yield probe
        if probe.is_feed:
            return


class Robots:
    """The robots.txt of each site, fetched once."""

    def __init__(self, settings: Settings):
        self._settings = settings
        self._exchanges: dict[str, Exchange] = {}

    def refuse(self, url: str) -> Probe | None:
        """A failed probe that says why `url` may not be fetched; None if it may.

        A site without robots.txt (4xx) allows everything (RFC 9309 §2.3.1.3). A robots.txt that
        cannot be fetched forbids everything (§2.3.1.4), also for "too many requests".
        """
        site = urljoin(url, "/robots.txt")
        if site not in self._exchanges:
            self._exchanges[site] = _fetch(site, self._settings)
        exchange = self._exchanges[site]
        result = exchange.result
        if result.error_class in _NO_ROBOTS_TXT:
            return None
        if result.error_class is not None:
            reason = result.error or ""
            if result.error_class not in _NOT_REACHED:
                reason = f"its robots.txt cannot be fetched: {reason}"
            return _refuse(url, result, result.error_class, reason)
        robots_txt, _ = _decode(exchange, self._settings)
        if may_read(robots_txt or b"", url):
            return None
        reason = f"{site} asks programs not to read it; if it is a feed, use --feed to read it"
        return _refuse(url, result, ErrorClass.REFUSED_URL, reason)


def _refuse(url: str, robots: FetchResult, error_class: ErrorClass, error: str) -> Probe:
    result = FetchResult(
        robots.feed_key,
        url,
        url,
        robots.started_at,
        FetchOutcome.FAILED,
        robots.fetch_ms,
        error_class=error_class,
        error=error,
    )
    return Probe(url, result, None)


def _fetch(url: str, settings: Settings, credential: str | None = None) -> Exchange:
    exchanges: list[Exchange] = []
    credentials: Mapping[int, str] = {} if credential is None else {0: credential}
    fetch_feeds(
        [PlannedFeed(0, url, url)],
        settings,
        credentials=credentials,
        on_exchange=exchanges.append,
    )
    (exchange,) = exchanges
    return exchange


def _decode(exchange: Exchange, settings: Settings) -> tuple[bytes | None, str | None]:
    """The decoded body, None if its coding is wrong, and the Content-Type."""
    _, _, header_bytes = (exchange.response_head or b"").partition(b"\r\n")
    headers = BytesHeaderParser().parsebytes(header_bytes)
    codings = ", ".join(headers.get_all("Content-Encoding", []))
    try:
        body = decode_body(exchange.response_body, codings, max_bytes=settings.fetch_max_bytes)
    except ContentCodingError:
        body = None
    return body, headers.get("Content-Type")


def _parse(exchange: Exchange, settings: Settings) -> ParsedDocument | None:
    body, content_type = _decode(exchange, settings)
    if exchange.response_head is None or not exchange.response_body or body is None:
        return None
    result = exchange.result
    job = ParseJob(0, body, content_type, result.final_url or result.fetch_url)
    documents = parse_documents([job], workers=1, deadline_s=settings.parse_deadline)
    return next(document for _, document in documents)
