"""Read the first page: articles newest first, why each was kept, which other outlets carry it."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, Row, text

from silkwire.newsroom.copies import read_carriers
from silkwire.newsroom.filters import Cursor, Filters
from silkwire.newsroom.marks import Piece, Span, cut_pieces, mark_spans
from silkwire.newsroom.words import describe_factor
from silkwire.topics import DEDICATED_FEED
from silkwire.warehouse.statements import read_statements

_SQL = read_statements(__file__)
PAGE_SIZE = 50
_SUMMARY_LENGTH = 320
_CONDITIONS = {
    "topic": ":topic = ANY (articles.topics)",
    "scope": ":scope = ANY (articles.scopes)",
    "outlet": "articles.outlet = :outlet",
    "language": "articles.language = :language",
    "day": "articles.first_seen_at >= :day_begins AND articles.first_seen_at < :day_ends",
    "batch": f"articles.article_key = ANY (ARRAY({_SQL['batch'].text}))",
    "copies": "articles.is_origin",
    "before": "(articles.first_seen_at, articles.article_key) < (:before_at, :before_key)",
}


@dataclass(frozen=True, slots=True)
class Item:
    """One article as the list shows it."""

    article: Any
    """The row of mart.articles."""
    title: tuple[Piece, ...]
    summary: tuple[Piece, ...]
    also_in: Sequence[str]
    """Other outlets whose feeds show the same article or text, the earliest first."""
    reasons: Sequence[str]
    """Why it matched, if no words of title or summary did: words of the body, or a factor."""


@dataclass(frozen=True, slots=True)
class Today:
    """A page of items by day (UTC), and where the next page begins."""

    days: tuple[tuple[str, tuple[Item, ...]], ...]
    following: Cursor | None


@dataclass(frozen=True, slots=True)
class Choices:
    """The values that the filters offer."""

    topics: tuple[str, ...]
    outlets: tuple[str, ...]
    languages: tuple[str, ...]
    """Of the newest articles."""


def read_today(conn: Connection, filters: Filters, *, size: int = PAGE_SIZE) -> Today:
    """The newest `size` articles that pass the filters, or the next after `filters.before`."""
    rows = conn.execute(text(_build_query(filters)), _bind(filters, size + 1)).all()
    shown = rows[:size]
    keys = [row.article_key for row in shown]
    spans, reasons = _read_reasons(conn, keys)
    carriers = read_carriers(conn, keys)
    items = [_build_item(row, spans, reasons, carriers) for row in shown]
    by_day = groupby(items, key=lambda item: f"{item.article.first_seen_at:%Y-%m-%d}")
    days = tuple((day, tuple(group)) for day, group in by_day)
    is_last = len(rows) <= size
    following = None if is_last else Cursor(shown[-1].first_seen_at, shown[-1].article_key)
    return Today(days, following)


def read_choices(conn: Connection) -> Choices:
    names = ("topics", "outlets", "languages")
    return Choices(*(tuple(conn.execute(_SQL[name]).scalars()) for name in names))


def read_freshness(conn: Connection) -> Row[Any]:
    columns = "last_batch_at, last_article_at, feeds_failing_count, batches_held_count"
    return conn.execute(text(f"SELECT {columns} FROM mart.freshness")).one()  # noqa: S608


def _build_query(filters: Filters) -> str:
    """The query with the conditions of set filters alone, so that PostgreSQL plans for these."""
    wanted = [sql for name, sql in _CONDITIONS.items() if getattr(filters, name) is not None]
    where = f"WHERE {' AND '.join(wanted)}" if wanted else ""
    return f"""
        SELECT * FROM mart.articles AS articles {where}
        ORDER BY articles.first_seen_at DESC, articles.article_key DESC LIMIT :size
    """  # noqa: S608 - made of the constants above


def _bind(filters: Filters, size: int) -> dict[str, Any]:
    before = filters.before
    return asdict(filters) | {
        "day_begins": filters.day_begins,
        "day_ends": filters.day_ends,
        "before_at": before and before.first_seen_at,
        "before_key": before and before.article_key,
        "size": size,
    }


Spans = Mapping[tuple[int, str], Sequence[Span]]
Reasons = Mapping[int, Sequence[str]]


def _read_reasons(conn: Connection, article_keys: list[int]) -> tuple[Spans, Reasons]:
    spans: dict[tuple[int, str], list[Span]] = {}
    reasons: dict[int, list[str]] = {}
    for row in conn.execute(_SQL["why"], {"keys": article_keys}):
        if row.field in ("title", "summary"):
            span = Span(row.start_offset, row.end_offset, row.topic)
            spans.setdefault((row.article_key, row.field), []).append(span)
        # Only a dedicated feed can match a text without words. The article's page has all factors.
        elif row.field or row.rule == DEDICATED_FEED:
            reason = row.matched_text if row.field else describe_factor(row.rule)
            found = reasons.setdefault(row.article_key, [])
            if reason not in found:
                found.append(reason)
    return spans, reasons


def _build_item(row: Any, spans: Spans, reasons: Reasons, carriers: Reasons) -> Item:
    key = row.article_key
    has_words = (key, "title") in spans or (key, "summary") in spans
    summary = mark_spans(row.summary, spans.get((key, "summary"), ()))
    return Item(
        article=row,
        title=mark_spans(row.title, spans.get((key, "title"), ())),
        summary=cut_pieces(summary, _SUMMARY_LENGTH),
        also_in=carriers.get(key, ()),
        reasons=() if has_words else reasons.get(key, ()),
    )
