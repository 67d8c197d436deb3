"""Read the page of one article: its text, why it was kept, its edits, copies, feeds and sources."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection, Row

from silkwire.newsroom.copies import read_copies
from silkwire.newsroom.marks import Piece, Span, compare_texts, mark_spans
from silkwire.newsroom.why import TopicDecision, group_topics
from silkwire.warehouse.statements import read_statements

_SQL = read_statements(__file__)
FIELDS = ("title", "summary", "body")


@dataclass(frozen=True, slots=True)
class Edit:
    """One edit, as the first feed showed it, and the feeds that showed it later."""

    edited_at: datetime
    outlet: str
    feed_url: str
    changed: tuple[tuple[str, tuple[Piece, ...], tuple[Piece, ...]], ...]
    """(field, text before, text after) of each changed field."""
    followers: Sequence[Any]
    """Rows of article_edit_feeds.sql."""


@dataclass(frozen=True, slots=True)
class Source:
    """The fetch that a revision came from: its batch, place in the archive, and Airflow task."""

    revision_key: int
    kind: str
    recorded_from: datetime
    loaded_at: datetime
    outlet: str
    batch_id: str
    archive_file: str | None
    archive_offset: int | None
    dag_id: str | None
    run_id: str | None
    task_id: str | None
    map_index: int | None

    @property
    def run_path(self) -> str | None:
        """The run's path in Airflow's UI; None if Airflow did not run the batch."""
        if not self.dag_id or not self.run_id:
            return None
        return f"/dags/{quote(self.dag_id, '')}/runs/{quote(self.run_id, '')}"

    @property
    def log_path(self) -> str | None:
        """The task's path in Airflow's UI."""
        if not self.run_path or not self.task_id:
            return None
        is_mapped = self.map_index is not None and self.map_index >= 0
        mapped = f"/mapped/{self.map_index}" if is_mapped else ""
        return f"{self.run_path}/tasks/{quote(self.task_id, '')}{mapped}"


@dataclass(frozen=True, slots=True)
class ArticlePage:
    article: Any
    """The row of `article` in article.sql."""
    texts: tuple[tuple[str, tuple[Piece, ...]], ...]
    """The current text by field; matched words are marked with their topics."""
    topics: tuple[TopicDecision, ...]
    edits: tuple[Edit, ...]
    copies: Sequence[Any]
    """What `read_copies` returns."""
    sightings: Sequence[Any]
    """The rows of `sightings` in article.sql."""
    sources: tuple[Source, ...]

    @property
    def title(self) -> str:
        return "".join(piece.text for piece in dict(self.texts).get("title", ()))


def read_article(conn: Connection, article_key: int) -> ArticlePage | None:
    """None if there is no such article."""

    def read(name: str, **values: Any) -> Sequence[Any]:
        return conn.execute(_SQL[name], values).all()

    found = read("article", key=article_key)
    if not found:
        return None
    (row,) = found
    why = read("why", revision=row.current_revision_key)
    return ArticlePage(
        article=row,
        texts=tuple((field, _mark(row, field, why)) for field in FIELDS if getattr(row, field)),
        topics=tuple(group_topics(why)),
        edits=_build_edits(read("edits", key=article_key), read("edit_feeds", key=article_key)),
        copies=read_copies(conn, article_key),
        sightings=read("sightings", key=article_key),
        sources=tuple(Source(*one) for one in read("sources", key=article_key)),
    )


def read_place(conn: Connection, revision_key: int) -> Row[Any] | None:
    """Where the document of a revision is in the archive, and its encoding; None if unknown."""
    return conn.execute(_SQL["place"], {"key": revision_key}).first()


def _mark(row: Any, field: str, why: Sequence[Any]) -> tuple[Piece, ...]:
    spans = [
        Span(reason.start_offset, reason.end_offset, reason.topic)
        for reason in why
        if reason.field == field
    ]
    return mark_spans(getattr(row, field), spans)


def _build_edits(edits: Sequence[Any], followers: Sequence[Any]) -> tuple[Edit, ...]:
    later: dict[int, list[Any]] = {}
    for one in followers:
        later.setdefault(one.edit_key, []).append(one)
    return tuple(_build_edit(row, later.get(row.revision_key, ())) for row in edits)


def _build_edit(row: Any, followers: Sequence[Any]) -> Edit:
    changed = tuple(
        (name, *compare_texts(getattr(row, f"{name}_before"), getattr(row, f"{name}_after")))
        for name in FIELDS
        if name in row.changed
    )
    return Edit(row.edited_at, row.outlet, row.feed_url, changed, followers)
