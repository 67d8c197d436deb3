"""Held documents: their entries fail an expectation on documents, whatever else they fail. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from silkwire.load import LoadInput
from silkwire.model import FailedEntry, HeldDocument, PlannedFeed, Reason
from silkwire.validate import Hold

Reasons = Mapping[int, tuple[Reason, ...]]


def add_failures(load_input: LoadInput, added: Reasons) -> LoadInput:
    """The same input, in which these entries, by number, fail these expectations too."""
    reasons = {record.entry_number: record.reasons for record in load_input.failed}
    for number, more in added.items():
        reasons[number] = (*reasons.get(number, ()), *more)
    failed = tuple(FailedEntry(number, reasons[number]) for number in sorted(reasons))
    return replace(load_input, failed=failed)


def hold_documents(
    load_input: LoadInput, held: Iterable[HeldDocument], feeds: Iterable[PlannedFeed]
) -> LoadInput:
    """The same input, in which every entry of the held documents fails."""
    by_url = {document.feed_url: document.reasons for document in held}
    if not by_url:
        return load_input
    by_key = {feed.feed_key: by_url[feed.feed_url] for feed in feeds if feed.feed_url in by_url}
    failures = {
        row.entry_number: by_key[row.feed_key]
        for row, _ in load_input.rows()
        if row.feed_key in by_key
    }
    return add_failures(load_input, failures)


def name_holds(holds: Mapping[int, Hold], feeds: Iterable[PlannedFeed]) -> tuple[HeldDocument, ...]:
    """The holds, by feed key, with the urls of their feeds."""
    return tuple(
        HeldDocument(feed.feed_url, holds[feed.feed_key].why, holds[feed.feed_key].reasons)
        for feed in feeds
        if feed.feed_key in holds
    )
