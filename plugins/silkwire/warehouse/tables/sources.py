"""Where an entry comes from."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class EntrySource:
    """A document that showed an entry, with the data of its feed that reading and loading need."""

    feed_key: int
    feed_url: str
    fetched_at: datetime
    last_seen_at: datetime
    """When the feed last showed the entry."""
    archive_file: str | None
    archive_offset: int | None
    document_url: str
    """The url from which the document was fetched, if it is still known."""
    feed_language: str | None
    feed_topics: tuple[str, ...]
    is_urls_repeat: bool
    is_guids_repeat: bool
