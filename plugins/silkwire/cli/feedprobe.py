"""Try one url as the pipeline would: fetched once, parsed, nothing stored."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email.parser import BytesHeaderParser
from urllib.parse import urljoin

from silkwire.config import Settings
from silkwire.contentcoding import ContentCodingError, decode_body
from silkwire.feeds.moves import find_permanent_target
from silkwire.fetch import fetch_feeds
from silkwire.model import Exchange, FetchResult, ParsedDocument, ParseJob, PlannedFeed
from silkwire.parse import parse_documents

COMMON_PATHS = ("/feed", "/rss", "/rss.xml", "/atom.xml", "/feed.xml", "/index.xml")
"""Where feeds lie on sites whose pages do not say it."""


@dataclass(frozen=True, slots=True)
class Probe:
    """What came of one url; `document` is None if no body was had."""

    url: str
    result: FetchResult
    document: ParsedDocument | None

    @property
    def is_feed(self) -> bool:
        return self.document is not None and self.document.error_class is None

    @property
    def permanent_url(self) -> str:
        """What the list should say: where permanent redirects lead, else the url itself."""
        return find_permanent_target(self.url, self.result.redirects) or self.url

    @property
    def error(self) -> str:
        """Why it is no feed; empty if it is one."""
        if self.is_feed:
            return ""
        reason = self.result.error or (self.document.error if self.document else None)
        return reason or "no feed"


def probe_feed(url: str, settings: Settings, credential: str | None = None) -> Probe:
    """Fetch `url`, which holds no credential, without validators; read what came."""
    exchanges: list[Exchange] = []
    credentials: Mapping[int, str] = {} if credential is None else {0: credential}
    fetch_feeds(
        [PlannedFeed(0, url, url)],
        settings,
        credentials=credentials,
        on_exchange=exchanges.append,
    )
    (exchange,) = exchanges
    return Probe(url, exchange.result, _parse(exchange, settings))


def find_feeds(url: str, settings: Settings, credential: str | None = None) -> Iterator[Probe]:
    """Probe `url`, then what it names as its feed, else the usual places; until one is a feed."""
    probe = probe_feed(url, settings, credential)
    yield probe
    if probe.is_feed or probe.document is None or probe.result.error_class is not None:
        return  # what answers with an error is no page to search
    page_url = probe.result.final_url or url
    named = probe.document.suggested_feed_url
    candidates = [named] if named else [urljoin(page_url, path) for path in COMMON_PATHS]
    for candidate in candidates:
        probe = probe_feed(candidate, settings)
        yield probe
        if probe.is_feed:
            return


def _parse(exchange: Exchange, settings: Settings) -> ParsedDocument | None:
    if exchange.response_head is None or not exchange.response_body:
        return None
    _, _, header_bytes = exchange.response_head.partition(b"\r\n")
    headers = BytesHeaderParser().parsebytes(header_bytes)
    codings = ", ".join(headers.get_all("Content-Encoding", []))
    try:
        body = decode_body(exchange.response_body, codings, max_bytes=settings.fetch_max_bytes)
    except ContentCodingError:
        return None
    result = exchange.result
    job = ParseJob(0, body, headers.get("Content-Type"), result.final_url or result.fetch_url)
    documents = parse_documents([job], workers=1, deadline_s=settings.parse_deadline)
    return next(document for _, document in documents)
