"""Documents, and the entries read from them."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from silkwire.model.fetching import ErrorClass


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
    """The url from which it was fetched, to resolve relative links."""
    language: str | None = None
    """The language in the feed list; a declaration in the document takes precedence."""


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
    """The url as published, made absolute if it is relative."""
    canonical_url: str | None = None
    title: str | None = None
    summary: str | None = None
    body: str | None = None
    """The full text, if the feed has one besides the summary (`content:encoded`)."""
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
    """BCP 47 primary tag in lower case, such as `en` or `zh`; None if unknown."""
    language_confidence: float | None = None
    """The confidence (0 to 1) of the language detector; None if the feed declared the language."""
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
    """The evidence for `encoding`, such as `bom`, `utf-8-valid`, `http`, `declaration`."""
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
    """If the document is a web page: the feed that its `<link rel=alternate>` names."""
    encoding_rejected: tuple[str, ...] = ()
    """Charset labels that the evidence contradicts, such as `declaration: gb2312`."""
    undecodable_count: int = 0
    """Sequences that the encoding cannot hold; each is U+FFFD in the texts."""
    skip_hours: tuple[int, ...] = ()
    """Hours of the day, 0 to 23 in UTC, at which the feed asks not to be read (`skipHours`)."""
    skip_days: tuple[int, ...] = ()
    """Days of the week, 1 (Monday) to 7 in UTC, on which it asks not to be read (`skipDays`)."""


@dataclass(frozen=True, slots=True)
class DocumentReport:
    """What the parse step found in one fetched document, without its entries."""

    feed_key: int
    fetched_at: datetime
    archive_file: str | None = None
    archive_offset: int | None = None
    format: str | None = None
    encoding: str | None = None
    encoding_evidence: str | None = None
    item_count: int = 0
    """Entries in the bytes: those read, their copies, and those the parser lost."""
    lost_count: int = 0
    error_class: ErrorClass | None = None
    """Set if the document is no feed, which counts as a failure of the feed."""
    error: str | None = None
    title: str | None = None
    ttl_s: int | None = None
    suggested_feed_url: str | None = None
    is_urls_repeat: bool = False
    is_guids_repeat: bool = False
    entries_hash: str | None = None
    """SHA-256 (hex) of the entries' identities and texts, in any order; None if it is no feed."""
    skip_hours: tuple[int, ...] = ()
    skip_days: tuple[int, ...] = ()
    undated_count: int | None = None
    """Entries without a date of publication, copies included."""


class Identity(StrEnum):
    """What identifies an entry (docs/design/identity.md)."""

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
    """SHA-256 (hex) of the identity; of the text if the entry has no identity."""
    coarser_hashes: tuple[str, ...]
    """The values that `identity_hash` had before `urls_repeat` and `guids_repeat` of the feed were
    set, the coarsest last."""
    text_hash: str
    """SHA-256 (hex) of title, summary and body."""
    copy_count: int = 0
    """How many further entries of the document were the same."""


@dataclass(frozen=True, slots=True)
class EntryBatchRow:
    """An entry of a batch, with its feed and the time of its fetch."""

    entry_number: int
    """0-based and unique within the batch; the key by which stages report."""
    feed_key: int
    fetched_at: datetime
    identified: IdentifiedEntry
