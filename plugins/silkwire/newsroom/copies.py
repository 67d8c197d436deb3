"""Which other articles and outlets carry an article's text."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, text

from silkwire.newsroom.reading import read_sql


@dataclass(frozen=True, slots=True)
class Copy:
    """An article that carries the text; `reason` is None for the origin."""

    article_key: int
    outlet: str
    title: str | None
    article_url: str | None
    first_seen_at: datetime
    behind: timedelta
    reason: str | None
    similarity: float | None


def read_copies(conn: Connection, article_key: int) -> tuple[Copy, ...]:
    """All articles with the text of this one, itself included; empty if no other has it."""
    statement = text(read_sql("text_copies"))
    rows = conn.execute(statement, {"keys": [article_key]}).all()
    return tuple(Copy(*row) for row in rows) if len(rows) > 1 else ()


def read_carriers(conn: Connection, article_keys: list[int]) -> Mapping[int, Sequence[str]]:
    """By article key, the other outlets whose feeds show its text, the first to show it on top."""
    statement = text(read_sql("text_carriers"))
    carriers: dict[int, list[str]] = {}
    for row in conn.execute(statement, {"keys": article_keys}):
        carriers.setdefault(row.shown_key, []).append(row.outlet)
    return carriers
