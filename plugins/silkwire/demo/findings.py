"""Read what `silkwire demo` shows from its warehouse, mostly through the views for analysts."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from silkwire.topics import DEDICATED_FEED
from silkwire.warehouse.statements import read_statements

_SQL = read_statements(__file__)


@dataclass(frozen=True, slots=True)
class Span:
    """The words at code points [start, end) of a field that matched a rule of `topic`."""

    topic: str
    field: str
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Match:
    topic: str
    score: float
    scope: str | None = None
    is_dedicated: bool = False
    """The feed list says that all entries of this feed are on the topic."""


@dataclass(frozen=True, slots=True)
class Kept:
    """An article, with its topics and the words that matched."""

    outlet: str
    title: str
    summary: str | None
    matches: tuple[Match, ...]
    spans: tuple[Span, ...] = ()

    @property
    def topics(self) -> tuple[str, ...]:
        return tuple(match.topic for match in self.matches)


@dataclass(frozen=True, slots=True)
class LeftOut:
    """An off-topic entry, with the higher of its two scores."""

    outlet: str
    title: str
    score: float


@dataclass(frozen=True, slots=True)
class Failure:
    """An expectation that a record fails: the column, its value, and the rule in words."""

    column: str | None
    value: str | None
    rule: str


@dataclass(frozen=True, slots=True)
class Quarantined:
    outlet: str
    title: str | None
    entry_url: str | None
    seen_count: int
    failures: tuple[Failure, ...]


@dataclass(frozen=True, slots=True)
class FeedAnswer:
    """How one fetch of a feed ended."""

    feed: str
    outcome: str
    http_status: int | None
    error_class: str | None
    fetched_count: int


@dataclass(frozen=True, slots=True)
class Edit:
    """The change of one field of an article's text."""

    outlet: str
    field: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Totals:
    """Row counts that stay the same when a second batch reads the same entries again."""

    article_count: int
    quarantine_count: int


def read_kept(connection: Connection) -> tuple[Kept, ...]:
    """Every article, those on both topics first, then by score."""
    return tuple(
        Kept(
            row.outlet,
            row.title or "",
            row.summary,
            tuple(Match(**match) for match in row.matches),
            tuple(Span(**span) for span in row.spans),
        )
        for row in _read(connection, "kept", dedicated_feed=DEDICATED_FEED)
    )


def read_left_out(connection: Connection, limit: int) -> tuple[LeftOut, ...]:
    """The off-topic entries with the highest scores."""
    return tuple(LeftOut(*row) for row in _read(connection, "left_out", limit=limit))


def read_quarantined(connection: Connection) -> tuple[Quarantined, ...]:
    """Every open record, with every expectation that it fails."""
    return tuple(
        Quarantined(
            row.outlet,
            row.title,
            row.entry_url,
            row.seen_count,
            tuple(Failure(**failure) for failure in row.failures),
        )
        for row in _read(connection, "quarantined")
    )


def read_answers(connection: Connection, batch_id: str) -> tuple[FeedAnswer, ...]:
    """How the batch's fetches ended, in the order of the feed list."""
    return tuple(FeedAnswer(*row) for row in _read(connection, "answers", batch_id=batch_id))


def read_edits(connection: Connection) -> tuple[Edit, ...]:
    """Every edit: one for each of title and summary that changed."""
    return tuple(
        Edit(row["outlet"], name, row[f"{field}_before"], row[f"{field}_after"])
        for row in connection.execute(_SQL["edits"]).mappings()
        for field, name in (("title", "headline"), ("summary", "summary"))
        if field in row["changed"]
    )


def read_totals(connection: Connection) -> Totals:
    return Totals(*connection.execute(_SQL["totals"]).one())


def _read(connection: Connection, name: str, **values: Any) -> Sequence[Any]:
    return connection.execute(_SQL[name], values).all()
