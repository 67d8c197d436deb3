"""What the demo's warehouse holds, read for display: from the same views that an analyst has."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, text

from silkwire.topics import DEDICATED_FEED


@dataclass(frozen=True, slots=True)
class Span:
    """The words at code points [start, end) of a field, which spoke for `topic`."""

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
    """The feed list says that all of this feed's entries are on the topic."""


@dataclass(frozen=True, slots=True)
class Kept:
    """An article with what put it on each of its topics."""

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
    """An entry that the rules left out, with the higher of its scores."""

    outlet: str
    title: str
    score: float


@dataclass(frozen=True, slots=True)
class Failure:
    """One expectation that a record failed: on which column, with which value, by which rule."""

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
    """How one feed's fetch of one batch ended."""

    feed: str
    outcome: str
    http_status: int | None
    error_class: str | None
    fetched_count: int


@dataclass(frozen=True, slots=True)
class Edit:
    """What a feed showed of an article, before and after."""

    outlet: str
    field: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Totals:
    """How many rows there are of what must not double."""

    article_count: int
    quarantine_count: int


def read_kept(connection: Connection) -> tuple[Kept, ...]:
    """Every article, those on both topics first, then by score."""
    matches, spans = _read_matches(connection), _read_spans(connection)
    articles = connection.execute(
        text(
            "SELECT article_key, outlet, title, summary FROM mart.articles"
            " ORDER BY cardinality(topics) DESC, score DESC, first_seen_at DESC, article_key"
        )
    )
    return tuple(
        Kept(
            row.outlet,
            row.title or "",
            row.summary,
            tuple(matches.get(row.article_key, ())),
            tuple(spans.get(row.article_key, ())),
        )
        for row in articles
    )


def _read_matches(connection: Connection) -> dict[int, list[Match]]:
    rows = connection.execute(
        text(
            "SELECT article_key, topic, score, scope,"
            " jsonb_path_exists(factors, '$[*] ? (@.name == $name)',"
            " jsonb_build_object('name', CAST(:name AS text))) AS is_dedicated"
            " FROM mart.topic_decisions WHERE is_match ORDER BY article_key, topic"
        ),
        {"name": DEDICATED_FEED},
    )
    found: dict[int, list[Match]] = {}
    for row in rows:
        match = Match(row.topic, row.score, row.scope, row.is_dedicated)
        found.setdefault(row.article_key, []).append(match)
    return found


def _read_spans(connection: Connection) -> dict[int, list[Span]]:
    rows = connection.execute(
        text(
            "SELECT article_key, topic, field, start_offset, end_offset, matched_text"
            " FROM mart.why_matched WHERE field IS NOT NULL AND weight > 0"
            " ORDER BY article_key, field DESC, start_offset, topic"
        )
    )
    found: dict[int, list[Span]] = {}
    for key, *values in rows:
        found.setdefault(key, []).append(Span(*values))
    return found


def read_left_out(connection: Connection, limit: int) -> tuple[LeftOut, ...]:
    """The entries that came nearest to being kept."""
    rows = connection.execute(
        text(
            "SELECT outlet, title, greatest(ai_score, china_travel_score) AS score"
            " FROM mart.off_topic_recent ORDER BY score DESC, entry_url LIMIT :limit"
        ),
        {"limit": limit},
    )
    return tuple(LeftOut(row.outlet, row.title or "", row.score or 0.0) for row in rows)


def read_quarantined(connection: Connection) -> tuple[Quarantined, ...]:
    """Every record that waits for a person, with every reason."""
    rows = connection.execute(
        text(
            "SELECT record.outlet, record.title, record.entry_url, record.seen_count,"
            " record.quarantine_key, reason.column_name, reason.value, reason.rule"
            " FROM mart.quarantine_open AS record"
            " INNER JOIN ops.quarantine_reason AS reason"
            " ON record.quarantine_key = reason.quarantine_key"
            " ORDER BY record.outlet, record.quarantine_key, reason.reason_number"
        )
    ).all()
    failures: dict[int, list[Failure]] = {}
    for row in rows:
        failure = Failure(row.column_name, row.value, row.rule)
        failures.setdefault(row.quarantine_key, []).append(failure)
    records = {row.quarantine_key: row for row in rows}
    return tuple(
        Quarantined(row.outlet, row.title, row.entry_url, row.seen_count, tuple(failures[key]))
        for key, row in records.items()
    )


def read_answers(connection: Connection, batch_id: str) -> tuple[FeedAnswer, ...]:
    """How the batch's fetches ended, in the order of the feed list."""
    rows = connection.execute(
        text(
            "SELECT feed.title, attempt.outcome, attempt.http_status, attempt.error_class,"
            " attempt.fetched_count FROM ops.fetch AS attempt"
            " INNER JOIN ops.feed AS feed ON attempt.feed_key = feed.feed_key"
            " WHERE attempt.batch_id = :batch_id ORDER BY feed.feed_key"
        ),
        {"batch_id": batch_id},
    )
    return tuple(FeedAnswer(*row) for row in rows)


def read_edits(connection: Connection) -> tuple[Edit, ...]:
    """Every edit, one for each of title and summary that changed."""
    rows = connection.execute(
        text("SELECT * FROM mart.article_edits ORDER BY edited_at, revision_key")
    ).mappings()
    return tuple(edit for row in rows for edit in _list_changes(dict(row)))


def _list_changes(row: dict[str, Any]) -> Sequence[Edit]:
    fields = {"title": "headline", "summary": "summary"}
    return [
        Edit(row["outlet"], name, row[f"{field}_before"], row[f"{field}_after"])
        for field, name in fields.items()
        if row[f"{field}_before"] != row[f"{field}_after"]
    ]


def read_totals(connection: Connection) -> Totals:
    """Counts of what must not double."""
    row = connection.execute(
        text(
            "SELECT (SELECT count(*) FROM mart.articles),"
            " (SELECT count(*) FROM mart.quarantine_open)"
        )
    ).one()
    return Totals(*row)
