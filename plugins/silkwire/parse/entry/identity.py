"""Decide what identifies each entry of a document, and merge equal entries. Pure.

An entry is identified by its canonical url. If a document of the feed ever had a url twice, the
feed's entries are identified by url and guid; if pairs of these repeat too, by url, guid and text.
An entry without a url is identified by feed and guid. Both findings are stored with the feed
(`ops.feed.urls_repeat`, `guids_repeat`), since its next document may hold only one of two such
entries.
"""

import hashlib
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, replace

from silkwire.model import IdentifiedEntry, Identity, ParsedEntry


@dataclass(frozen=True, slots=True)
class IdentifiedDocument:
    """A document's distinct entries, and the flags of its feed after this document."""

    entries: tuple[IdentifiedEntry, ...]
    is_urls_repeat: bool
    is_guids_repeat: bool


def identify_entries(
    feed_key: int, entries: Sequence[ParsedEntry], *, is_urls_repeat: bool, is_guids_repeat: bool
) -> IdentifiedDocument:
    """Identify the entries of one document of a feed that has these flags; none is unset."""
    distinct = _merge_copies(entries)
    keys = [(item.entry.canonical_url, item.entry.guid) for item in distinct]
    urls_repeat = is_urls_repeat or _has_repeat([url for url, _ in keys if url])
    guids_repeat = is_guids_repeat or _has_repeat(
        [(url, guid) for url, guid in keys if (urls_repeat if url else guid)]
    )
    identified = tuple(_identify(feed_key, item, urls_repeat, guids_repeat) for item in distinct)
    return IdentifiedDocument(identified, urls_repeat, guids_repeat)


def hash_entries(entries: Iterable[IdentifiedEntry]) -> str:
    """SHA-256 (hex) of the entries' identities and texts.

    Order, dates, counters and copies do not change it (edge case 4).
    """
    return _sha256(*sorted(f"{item.identity_hash} {item.text_hash}" for item in entries))


def hash_text(entry: ParsedEntry) -> str:
    """SHA-256 (hex) of what counts as text: title, summary and body."""
    return _sha256(entry.title, entry.summary, entry.body)


def _merge_copies(entries: Iterable[ParsedEntry]) -> list[IdentifiedEntry]:
    """Keep the first of the entries that agree in url, guid and text, and count the others."""
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
    url, guid, feed, text = item.entry.canonical_url, item.entry.guid, str(feed_key), item.text_hash
    parts: list[tuple[Identity, tuple[str | None, ...]]]
    if url:
        parts = [
            (Identity.URL, (url,)),
            (Identity.URL_GUID, (url, guid)),
            (Identity.URL_GUID_TEXT, (url, guid, text)),
        ]
        level = 0 if not urls_repeat else 1 if not guids_repeat else 2
    elif guid:
        parts = [(Identity.GUID, (feed, guid)), (Identity.GUID_TEXT, (feed, guid, text))]
        level = int(guids_repeat)
    else:
        parts, level = [(Identity.NONE, (feed, text))], 0
    hashes = [_sha256(identity.value, *values) for identity, values in parts[: level + 1]]
    identity, coarser = parts[level][0], tuple(reversed(hashes[:-1]))
    return replace(item, identity=identity, identity_hash=hashes[-1], coarser_hashes=coarser)


def _sha256(*parts: str | None) -> str:
    # The length before each part keeps ("a", "b") apart from ("ab",), and None from "".
    digest = hashlib.sha256()
    for part in parts:
        data = b"" if part is None else part.encode()
        digest.update(b"%d:" % (-1 if part is None else len(data)))
        digest.update(data)
    return digest.hexdigest()
