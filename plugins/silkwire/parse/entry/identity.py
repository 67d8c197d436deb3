"""Decide what identifies each entry of a document, and merge its copies. Pure.

Identity is the canonical url; for a feed that ever carried one url twice in a document, url and
guid; where that repeats too, url, guid and text; without a url, feed and guid. Both findings stick
to the feed (`ops.feed.urls_repeat`, `guids_repeat`), since the next document may hold one of the
twins only.
"""

import hashlib
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, replace

from silkwire.model import IdentifiedEntry, Identity, ParsedEntry


@dataclass(frozen=True, slots=True)
class IdentifiedDocument:
    """A document's distinct entries, and what is now known of its feed."""

    entries: tuple[IdentifiedEntry, ...]
    is_urls_repeat: bool
    is_guids_repeat: bool


def identify_entries(
    feed_key: int, entries: Sequence[ParsedEntry], *, is_urls_repeat: bool, is_guids_repeat: bool
) -> IdentifiedDocument:
    """Identify the entries of one document of a feed with these flags; flags only ever turn on."""
    kept = _merge_copies(entries)
    urls = [item.entry.canonical_url for item in kept if item.entry.canonical_url]
    urls_repeat = is_urls_repeat or _has_repeat(urls)
    names = [
        (item.entry.canonical_url, item.entry.guid)
        for item in kept
        if (item.entry.canonical_url and urls_repeat)
        or (not item.entry.canonical_url and item.entry.guid)
    ]
    guids_repeat = is_guids_repeat or _has_repeat(names)
    named = tuple(_identify(feed_key, item, urls_repeat, guids_repeat) for item in kept)
    return IdentifiedDocument(named, urls_repeat, guids_repeat)


def hash_entries(entries: Iterable[IdentifiedEntry]) -> str:
    """SHA-256 (hex) of the entries' identities and texts: the same while nothing is said anew.

    Order, dates, counters and copies do not count (edge case 4).
    """
    return _sha256(*sorted(f"{item.identity_hash} {item.text_hash}" for item in entries))


def hash_text(entry: ParsedEntry) -> str:
    """SHA-256 (hex) of what counts as text: title, summary and body."""
    return _sha256(entry.title, entry.summary, entry.body)


def _merge_copies(entries: Iterable[ParsedEntry]) -> list[IdentifiedEntry]:
    """One row for entries that agree in url, guid and text; the first stands for all."""
    merged: dict[Hashable, IdentifiedEntry] = {}
    for entry in entries:
        text_hash = hash_text(entry)
        key = (entry.canonical_url, entry.guid, text_hash)
        if key in merged:
            merged[key] = replace(merged[key], copy_count=merged[key].copy_count + 1)
        else:
            merged[key] = IdentifiedEntry(entry, Identity.NONE, "", (), text_hash)
    return list(merged.values())


def _has_repeat(values: Sequence[Hashable]) -> bool:
    return len(set(values)) < len(values)


def _identify(
    feed_key: int, item: IdentifiedEntry, urls_repeat: bool, guids_repeat: bool
) -> IdentifiedEntry:
    entry, text_hash = item.entry, item.text_hash
    url, guid = entry.canonical_url, entry.guid
    levels: list[tuple[Identity, str]]
    if url:
        levels = [
            (Identity.URL, _sha256("url", url)),
            (Identity.URL_GUID, _sha256("url_guid", url, guid)),
            (Identity.URL_GUID_TEXT, _sha256("url_guid_text", url, guid, text_hash)),
        ]
        level = 0 if not urls_repeat else 1 if not guids_repeat else 2
    elif guid:
        levels = [
            (Identity.GUID, _sha256("guid", str(feed_key), guid)),
            (Identity.GUID_TEXT, _sha256("guid_text", str(feed_key), guid, text_hash)),
        ]
        level = 1 if guids_repeat else 0
    else:
        levels, level = [(Identity.NONE, _sha256("none", str(feed_key), text_hash))], 0
    identity, identity_hash = levels[level]
    coarser = tuple(name for _, name in reversed(levels[:level]))
    return replace(item, identity=identity, identity_hash=identity_hash, coarser_hashes=coarser)


def _sha256(*parts: str | None) -> str:
    # Each part is framed, so that ("a", "b") and ("ab",) or None and "" never meet.
    digest = hashlib.sha256()
    for part in parts:
        data = b"" if part is None else part.encode()
        digest.update(b"%d:" % (-1 if part is None else len(data)))
        digest.update(data)
    return digest.hexdigest()
