"""What travels between stages: frozen values, serialisable as JSON lines (see `batchfiles`).

Strings that leave the parser hold Unicode scalar values only, no NUL and no lone surrogate: what
cannot be stored was replaced by U+FFFD and is named in `ParsedEntry.problems`. Instants are aware
datetimes in UTC; unknown is None.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class FetchOutcome(StrEnum):
    """How one attempt at a feed ended (`ops.fetch.outcome`)."""

    NEW = "new"
    NOT_MODIFIED = "not_modified"
    UNCHANGED_BODY = "unchanged_body"
    FAILED = "failed"


class ErrorClass(StrEnum):
    """Why an attempt failed (`ops.fetch.error_class`), named after what an operator can do."""

    DNS = "dns"
    CONNECT = "connect"
    TLS = "tls"
    TIMEOUT = "timeout"
    PROTOCOL = "protocol"
    REFUSED_ADDRESS = "refused_address"
    REFUSED_URL = "refused_url"
    TOO_MANY_REDIRECTS = "too_many_redirects"
    BODY_TOO_LARGE = "body_too_large"
    BAD_ENCODING = "bad_encoding"
    CLIENT_ERROR = "client_error"
    RATE_LIMITED = "rate_limited"
    GONE = "gone"
    SERVER_ERROR = "server_error"
    EMPTY_BODY = "empty_body"
    HTML = "html"
    NOT_A_FEED = "not_a_feed"
    PARSER_LIMIT = "parser_limit"


@dataclass(frozen=True, slots=True)
class PlannedFeed:
    """One leased feed of a batch: what `ops.feed` knew of it when the batch was planned."""

    feed_key: int
    feed_url: str
    """As listed in the OPML, without credentials."""
    fetch_url: str
    """`feed_url`, or the address that a permanent redirect led to."""
    outlet: str | None = None
    language: str | None = None
    topics: tuple[str, ...] = ()
    """The feed is dedicated to these: every entry of it matches them."""
    etag: str | None = None
    last_modified: str | None = None
    body_hash: str | None = None
    """SHA-256 (hex) of the decoded body last published."""
    is_urls_repeat: bool = False
    is_guids_repeat: bool = False


@dataclass(frozen=True, slots=True)
class Redirect:
    """One hop: the status that sent us on, and where to."""

    status: int
    url: str


@dataclass(frozen=True, slots=True)
class FetchResult:
    """One attempt at a feed, without the body: that is in the archive."""

    feed_key: int
    feed_url: str
    fetch_url: str
    started_at: datetime
    outcome: FetchOutcome
    fetch_ms: int
    final_url: str | None = None
    http_status: int | None = None
    error_class: ErrorClass | None = None
    error: str | None = None
    """One sentence for an operator; never holds credentials."""
    content_type: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    max_age_s: int | None = None
    retry_after_s: int | None = None
    redirects: tuple[Redirect, ...] = ()
    wire_bytes: int = 0
    """Bytes of the body as received (content encoding kept)."""
    body_bytes: int = 0
    """Bytes of the decoded body."""
    body_hash: str | None = None
    """SHA-256 (hex) of the decoded body."""
    archive_file: str | None = None
    """Path of the WARC file, relative to the data URL."""
    archive_offset: int | None = None
    """Byte offset of the response record in it."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """One attempt with what went over the wire, for the archive; transfer encoding is removed."""

    result: FetchResult
    request_head: bytes
    """Request line and headers as sent last, without credentials."""
    response_head: bytes | None = None
    """Status line and headers as received; None if no answer came."""
    response_body: bytes = b""
    """The body as received, content encoding kept."""
    truncated: str | None = None
    """Why the body is cut: `length`, `time` or `disconnect` (WARC 1.1 §5.13); None if whole."""
    peer_address: str | None = None
    """The IP address that answered."""


@dataclass(frozen=True, slots=True)
class ArchivedBody:
    """A body read back from the archive, content encoding removed."""

    body: bytes
    content_type: str | None


@dataclass(frozen=True, slots=True)
class ParseJob:
    """One document to parse; `key` comes back with the result."""

    key: int
    body: bytes
    content_type: str | None = None
    url: str | None = None
    """Where it was read from, to resolve relative links."""
    language: str | None = None
    """What the feed list says; a declaration in the document is nearer and wins."""


@dataclass(frozen=True, slots=True)
class Enclosure:
    url: str
    media_type: str | None = None
    length: int | None = None


@dataclass(frozen=True, slots=True)
class ParsedEntry:
    """One entry as the feed shows it now. Texts are plain text in NFC, white space folded."""

    position: int
    """0-based place in the document."""
    guid: str | None = None
    url: str | None = None
    """As published; resolved only if relative."""
    canonical_url: str | None = None
    title: str | None = None
    summary: str | None = None
    body: str | None = None
    """Full text where the feed carries it apart from the summary (`content:encoded`)."""
    summary_html: str | None = None
    body_html: str | None = None
    authors: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    published_at: datetime | None = None
    published_raw: str | None = None
    published_source: str | None = None
    """The element the date came from, such as `pubDate` or `dc:date`."""
    published_precision: str | None = None
    """`second`, `minute` or `day`; None without an instant."""
    language: str | None = None
    """BCP 47 primary tag in lower case, such as `en` or `zh`; None where nobody knows."""
    language_confidence: float | None = None
    """None where the feed declared the language, else the detector's confidence (0 to 1)."""
    image_url: str | None = None
    enclosures: tuple[Enclosure, ...] = ()
    source_title: str | None = None
    """For aggregators: who published it, as the feed says."""
    is_paywalled: bool | None = None
    is_sponsored: bool | None = None
    problems: tuple[str, ...] = ()
    """What the parser had to replace, cut or leave out, as `field: what`, such as
    `title: holds 2 forbidden characters` or `body: cut to 1,000,000 characters`."""


@dataclass(frozen=True, slots=True)
class ParsedDocument:
    """What silkwire reads in the bytes of one feed document."""

    format: str | None
    """`rss20`, `rss10`, `rss091`, `atom10`, `jsonfeed`, …; None if it is no feed."""
    encoding: str | None
    encoding_evidence: str | None
    """What decided it, such as `bom`, `utf-8-valid`, `http`, `declaration`, `detector`."""
    items_in_bytes: int
    """Entries counted in the bytes, whether or not the parser could read them."""
    entries: tuple[ParsedEntry, ...] = ()
    error_class: ErrorClass | None = None
    error: str | None = None
    """One sentence; set if and only if the document could not be read as a feed at all."""
    title: str | None = None
    language: str | None = None
    ttl_s: int | None = None
    """How long the feed asks to be left alone (`ttl`, `sy:updatePeriod`), in seconds."""
    suggested_feed_url: str | None = None
    """For a page under a feed's name: where its `<link rel=alternate>` says the feed is."""
    encoding_rejected: tuple[str, ...] = ()
    """Labels that were there and lost against the evidence, as `declaration: gb2312`."""
    undecodable_count: int = 0
    """Sequences that the encoding cannot hold; each is U+FFFD in the texts."""
    skip_hours: tuple[int, ...] = ()
    """Hours of the day, 0 to 23 in UTC, at which the feed asks not to be read (`skipHours`)."""
    skip_days: tuple[int, ...] = ()
    """Days of the week, 1 (Monday) to 7 in UTC, likewise (`skipDays`)."""


@dataclass(frozen=True, slots=True)
class DocumentReport:
    """What the parse step found in one fetched document, without its entries."""

    feed_key: int
    fetched_at: datetime
    archive_file: str | None
    archive_offset: int | None
    format: str | None
    encoding: str | None
    encoding_evidence: str | None
    item_count: int
    """Entries in the bytes: those read, their copies, and those the parser lost."""
    lost_count: int
    error_class: ErrorClass | None
    error: str | None
    title: str | None
    ttl_s: int | None
    suggested_feed_url: str | None
    is_urls_repeat: bool
    is_guids_repeat: bool
    entries_hash: str | None = None
    """SHA-256 (hex) of the entries' identities and texts, in any order; None if it is no feed."""
    skip_hours: tuple[int, ...] = ()
    skip_days: tuple[int, ...] = ()


class Identity(StrEnum):
    """What identifies an entry (design: Identity)."""

    URL = "url"
    URL_GUID = "url_guid"
    URL_GUID_TEXT = "url_guid_text"
    GUID = "guid"
    GUID_TEXT = "guid_text"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class IdentifiedEntry:
    """An entry with what identifies it; copies within its document are merged into it."""

    entry: ParsedEntry
    identity: Identity
    identity_hash: str
    """SHA-256 (hex) of the identity; of the text where there is none."""
    coarser_hashes: tuple[str, ...]
    """What `identity_hash` would have been before the feed's flags turned, coarsest last."""
    text_hash: str
    """SHA-256 (hex) of title, summary and body."""
    copy_count: int = 0
    """How many further entries of the document were the same."""


@dataclass(frozen=True, slots=True)
class EntryBatchRow:
    """An entry on its way through a batch: whose it is and when it was fetched."""

    entry_number: int
    """0-based and unique within the batch; the key by which stages report."""
    feed_key: int
    fetched_at: datetime
    identified: IdentifiedEntry


@dataclass(frozen=True, slots=True)
class Evidence:
    """A span that decided: `text` is `field`'s text at code points [start, end)."""

    field: str
    start: int
    end: int
    text: str
    rule: str
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Factor:
    """A contribution without a span: a dedicated feed, a model's weight."""

    name: str
    weight: float


@dataclass(frozen=True, slots=True)
class TopicDecision:
    """Whether one text is on one topic, and why."""

    topic: str
    is_match: bool
    score: float
    scope: str | None = None
    evidence: tuple[Evidence, ...] = ()
    factors: tuple[Factor, ...] = ()
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MatchedEntry:
    """The topic decisions for one entry of the batch; every topic of the ruleset is there."""

    entry_number: int
    decisions: tuple[TopicDecision, ...]


@dataclass(frozen=True, slots=True)
class Reason:
    """One expectation that a record failed."""

    expectation: str
    column: str | None
    value: str | None
    rule: str


@dataclass(frozen=True, slots=True)
class FailedEntry:
    """An entry that Great Expectations fails, with every reason."""

    entry_number: int
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class ExpectationResult:
    """One expectation over one batch (`ops.expectation_result`)."""

    suite: str
    expectation: str
    column: str | None
    is_success: bool
    element_count: int
    unexpected_count: int


@dataclass(frozen=True, slots=True)
class EntryCounts:
    """The five counts: `fetched` is the sum of the other four (promise 1)."""

    fetched: int = 0
    accepted: int = 0
    unchanged: int = 0
    off_topic: int = 0
    quarantined: int = 0


@dataclass(frozen=True, slots=True)
class ArticleCounts:
    """How the accepted entries came in: `accepted` is their sum."""

    inserted: int = 0
    revised: int = 0
    variant: int = 0


@dataclass(frozen=True, slots=True)
class FeedCounts:
    """`due` = new + not_modified + unchanged_body + failed; `skipped` were not due, or leased."""

    due: int = 0
    new: int = 0
    not_modified: int = 0
    unchanged_body: int = 0
    failed: int = 0
    skipped: int = 0


@dataclass(frozen=True, slots=True)
class BatchReport:
    """What one batch did; printed by `silkwire ingest --json` as it stands."""

    batch_id: str
    verdict: str
    feeds: FeedCounts = field(default_factory=FeedCounts)
    entries: EntryCounts = field(default_factory=EntryCounts)
    articles: ArticleCounts = field(default_factory=ArticleCounts)
    seconds: dict[str, float] = field(default_factory=dict)
