"""Print the feeds of `silkwire feeds list` and the probe of `check`, as text or as JSON."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from rich.cells import cell_len
from rich.text import Text

from silkwire.cli.feeds.probe import Probe
from silkwire.cli.output.tables import escape_controls, to_plain
from silkwire.feeds.opml.urls import host_of
from silkwire.feeds.overview import FeedOverview
from silkwire.feeds.schedule.moves import PERMANENT, SIGHTINGS

_STATE_STYLES = {"healthy": "green", "failing": "yellow", "gone": "red", "paused": "dim"}
_UNITS = ((86_400, "d"), (3_600, "h"), (60, "min"))
_COLUMNS = ("feed", "state", "next due", "every", "last good")
_MIN_NAME, _GAP = 16, 2
MAX_ERROR = 200
_RESULT_KEYS = (
    *("content_type", "wire_bytes", "body_bytes", "fetch_ms", "etag", "last_modified"),
    *("max_age_s", "retry_after_s"),
)
_DOCUMENT_KEYS = ("format", "encoding", "title", "language", "ttl_s", "items_in_bytes")


def draw_feeds(feeds: Sequence[FeedOverview], now: datetime, width: int) -> Iterator[Text]:
    """A row per feed; below it the url and the last error, each on one unbroken line.

    Unbroken lines can be copied and searched for.
    """
    rows = [_list_cells(feed, now) for feed in feeds]
    sizes = [max(cell_len(row[n]) for row in [_COLUMNS, *rows]) for n in range(len(_COLUMNS))]
    sizes[0] = max(_MIN_NAME, min(sizes[0], width - sum(sizes[1:]) - _GAP * (len(sizes) - 1)))
    yield _draw_row([Text(name, style="bold") for name in _COLUMNS], sizes)
    for feed, row in zip(feeds, rows, strict=True):
        name, state, *rest = map(Text, row)
        state.stylize(_STATE_STYLES.get(feed.state, ""))
        yield _draw_row([name, state, *rest], sizes)
        yield Text(f"  {escape_controls(feed.feed_url)}", style="dim")
        if explanation := _explain_state(feed):
            yield Text(f"  {escape_controls(explanation)}", style="yellow")


def _list_cells(feed: FeedOverview, now: datetime) -> tuple[str, ...]:
    last, wait = feed.last_success_at, feed.next_due_at - now
    due = f"in {_describe_span(wait)}" if wait > timedelta(0) else "now"
    return (
        escape_controls(feed.title or feed.outlet or host_of(feed.feed_url)),
        feed.state,
        "" if feed.state == "paused" else due,
        _describe_span(feed.poll_interval),
        "never" if last is None else f"{_describe_span(now - last)} ago",
    )


def _draw_row(cells: Sequence[Text], sizes: Sequence[int]) -> Text:
    for cell, size in zip(cells, sizes, strict=True):
        cell.truncate(size, overflow="ellipsis", pad=True)
    row = Text(" " * _GAP).join(cells)
    row.rstrip()
    return row


def _explain_state(feed: FeedOverview) -> str:
    """Why a feed is not fetched normally; empty if it is fetched normally."""
    parts = []
    if feed.paused_reason:
        parts.append(f"paused: {feed.paused_reason}")
    if feed.last_error:
        times = f" ({feed.failure_count} times)" if feed.failure_count > 1 else ""
        parts.append(f"{feed.last_error[:MAX_ERROR]}{times}")
    if feed.suggested_feed_url:
        parts.append(f"try {feed.suggested_feed_url}")
    if feed.fetch_url != feed.feed_url:
        parts.append(f"moved permanently to {feed.fetch_url}")
    return "; ".join(parts)


def feed_to_json(feed: FeedOverview) -> dict[str, Any]:
    """All fields; durations in seconds, times as RFC 3339 in UTC."""
    row = {name: to_plain(value) for name, value in asdict(feed).items()}
    row["poll_interval_s"] = row.pop("poll_interval")
    return row


def probe_to_json(probe: Probe) -> dict[str, Any]:
    """The object of `feeds check --json`; unknown values are null."""
    result, document = probe.result, probe.document
    failure = result.error_class or (document.error_class if document else None)
    return {
        "url": probe.url,
        "is_feed": probe.is_feed,
        "error_class": failure,
        "error": probe.error or None,
        "http_status": result.http_status,
        "final_url": result.final_url,
        "redirects": [asdict(redirect) for redirect in result.redirects],
        "permanent_url": probe.permanent_url,
        **{name: getattr(result, name) for name in _RESULT_KEYS},
        **{name: getattr(document, name, None) for name in _DOCUMENT_KEYS},
        "entry_count": len(document.entries) if document else None,
        "newest_published_at": to_plain(_newest(probe)),
        "suggested_feed_url": document.suggested_feed_url if document else None,
    }


def explain_probe(probe: Probe) -> Iterator[tuple[str, str]]:
    """What the probe found, as (label, sentence)."""
    yield from ((label, escape_controls(found)) for label, found in _explain_answer(probe))
    yield from ((label, escape_controls(found)) for label, found in _explain_document(probe))
    result = "a feed that silkwire reads" if probe.is_feed else f"no feed: {probe.error}"
    yield "result", escape_controls(result)


def _explain_answer(probe: Probe) -> Iterator[tuple[str, str]]:
    result = probe.result
    if result.http_status is not None:
        size = f"{result.wire_bytes:,} bytes, {result.body_bytes:,} decoded"
        kind = result.content_type or "no content type"
        yield "answer", f"{result.http_status} in {result.fetch_ms} ms, {size}, {kind}"
    for hop in result.redirects:
        kind = "permanent" if hop.status in PERMANENT else "temporary"
        yield "redirect", f"{hop.status} ({kind}) to {hop.url}"
    if probe.permanent_url != probe.url:
        note = f"change the url in the list to {probe.permanent_url}"
        yield "moved", f"{note}; silkwire follows after {SIGHTINGS} such answers"
    if result.error is None:
        sent = {"ETag": result.etag, "Last-Modified": result.last_modified}
        named = ", ".join(f"{name} {value}" for name, value in sent.items() if value)
        yield "validators", named or "none, so every fetch transfers the whole body"


def _explain_document(probe: Probe) -> Iterator[tuple[str, str]]:
    document = probe.document
    if document is None:
        return
    if probe.is_feed:
        about = f"{document.format}, {document.encoding} ({document.encoding_evidence})"
        yield "feed", f"{document.title or 'without a title'}: {about}"
        count = len(document.entries)
        lost = document.items_in_bytes - count
        newest = _newest(probe)
        notes = [
            f"{count}",
            f"{lost} more could not be read" if lost > 0 else "",
            f"newest {newest:%Y-%m-%d %H:%M} UTC" if newest else "no dates",
        ]
        yield "entries", ", ".join(filter(None, notes))
    asked = {"max-age": probe.result.max_age_s, "ttl": document.ttl_s}
    hints = [f"{name} {_describe_span(timedelta(seconds=s))}" for name, s in asked.items() if s]
    if hints:
        yield "poll hint", ", ".join(hints)
    if document.suggested_feed_url:
        yield "try", document.suggested_feed_url


def _newest(probe: Probe) -> datetime | None:
    entries = probe.document.entries if probe.document else ()
    return max((e.published_at for e in entries if e.published_at is not None), default=None)


def _describe_span(span: timedelta) -> str:
    """`40 s`, `10 min`, `3 h`, `2 d`: the largest unit that fits, rounded down."""
    seconds = max(0, int(span.total_seconds()))
    for size, unit in _UNITS:
        if seconds >= size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"
