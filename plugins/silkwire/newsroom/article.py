"""Reading the page of one article: its text, why it was kept, its edits, its sources."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection, text

from silkwire.newsroom.copies import Copy, read_copies
from silkwire.newsroom.marks import Piece, Span, compare_texts, mark_spans

FIELDS = ("title", "summary", "body")
_FEATURE = "model:"
Weights = Sequence[tuple[str, float]]


@dataclass(frozen=True, slots=True)
class Reason:
    """A rule, and the words in one field by which it decided."""

    field: str
    words: tuple[str, ...]
    rule: str
    weight: float


@dataclass(frozen=True, slots=True)
class TopicDecision:
    """A topic that the article's text is on, and every reason."""

    topic: str
    score: float
    scope: str | None
    ruleset: str
    reasons: tuple[Reason, ...]
    factors: Weights
    """Name and weight of what decided without words, the model as a whole."""
    features: Weights
    """What the model saw, and the weight of each; the heaviest first."""


@dataclass(frozen=True, slots=True)
class Edit:
    """One edit of one feed's text, field by field; `removed` and `added` pieces are marked."""

    edited_at: datetime
    outlet: str
    feed_url: str
    changed: tuple[tuple[str, tuple[Piece, ...], tuple[Piece, ...]], ...]


@dataclass(frozen=True, slots=True)
class Sighting:
    """A feed that carries, or carried, the article."""

    outlet: str
    feed_url: str
    link: str | None
    guid: str | None
    first_seen_at: datetime
    left_at: datetime | None
    return_count: int


@dataclass(frozen=True, slots=True)
class Source:
    """Where a revision came from: its fetch, its batch, its place in the archive, its task."""

    revision_key: int
    kind: str
    recorded_from: datetime
    loaded_at: datetime
    outlet: str
    batch_id: str
    archive_file: str | None
    archive_offset: int | None
    run_path: str | None
    """In Airflow, from its root; None for batches that it did not run."""
    log_path: str | None


@dataclass(frozen=True, slots=True)
class ArticlePage:
    """Everything that the page of one article shows."""

    article_key: int
    article_url: str | None
    outlet: str
    language: str | None
    first_seen_at: datetime
    published_at: datetime | None
    published_raw: str | None
    authors: tuple[str, ...]
    texts: tuple[tuple[str, tuple[Piece, ...]], ...]
    """The current text by field, the matched words marked with their topics."""
    topics: tuple[TopicDecision, ...]
    edits: tuple[Edit, ...]
    copies: tuple[Copy, ...]
    """All articles that carry this text, itself among them; empty if it is alone."""
    sightings: tuple[Sighting, ...]
    sources: tuple[Source, ...]

    @property
    def title(self) -> str:
        return "".join(
            piece.text for name, pieces in self.texts if name == "title" for piece in pieces
        )


def read_article(conn: Connection, article_key: int) -> ArticlePage | None:
    """None if there is no such article."""
    values = {"key": article_key}
    row = conn.execute(text(_ARTICLE), values).one_or_none()
    if row is None:
        return None
    why = conn.execute(text(_WHY), {"revision": row.current_revision_key}).all()
    return ArticlePage(
        article_key=article_key,
        article_url=row.article_url,
        outlet=row.outlet,
        language=row.language,
        first_seen_at=row.first_seen_at,
        published_at=row.published_at,
        published_raw=row.published_raw,
        authors=tuple(row.authors),
        texts=tuple((field, _mark(row, field, why)) for field in FIELDS if getattr(row, field)),
        topics=_group_topics(why),
        edits=tuple(_build_edit(edit) for edit in conn.execute(text(_EDITS), values)),
        copies=read_copies(conn, article_key),
        sightings=tuple(Sighting(*sighting) for sighting in conn.execute(text(_SIGHTINGS), values)),
        sources=tuple(_build_source(source) for source in conn.execute(text(_SOURCES), values)),
    )


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the archive an answer lies, and the encoding that was found for its document."""

    archive_file: str
    archive_offset: int
    encoding: str | None

    def decode(self, body: bytes) -> str:
        try:
            return body.decode(self.encoding or "utf-8", "replace")
        except LookupError:
            return body.decode("utf-8", "replace")


def read_place(conn: Connection, revision_key: int) -> Place | None:
    """Of the answer that a revision was read from; None if it is not known."""
    row = conn.execute(text(_PLACE), {"key": revision_key}).first()
    return None if row is None else Place(*row)


def _mark(row: Any, field: str, why: Sequence[Any]) -> tuple[Piece, ...]:
    spans = [
        Span(reason.start_offset, reason.end_offset, reason.topic)
        for reason in why
        if reason.field == field
    ]
    return mark_spans(getattr(row, field), spans)


def _group_topics(why: Sequence[Any]) -> tuple[TopicDecision, ...]:
    topics: dict[str, list[Any]] = {}
    for row in why:
        topics.setdefault(row.topic, []).append(row)
    return tuple(_build_topic(rows) for _, rows in sorted(topics.items()))


def _build_topic(rows: Sequence[Any]) -> TopicDecision:
    words: dict[tuple[str, str, float], list[str]] = {}
    for row in rows:
        if row.field:
            words.setdefault((row.field, row.rule, row.weight), []).append(row.matched_text)
    reasons = (
        Reason(field, tuple(found), rule, weight) for (field, rule, weight), found in words.items()
    )
    factors, features = _part_factors([(r.rule, r.weight) for r in rows if not r.field])
    first = rows[0]
    return TopicDecision(
        first.topic, first.score, first.scope, first.ruleset, tuple(reasons), factors, features
    )


def _part_factors(factors: Weights) -> tuple[Weights, Weights]:
    """The model's features as one factor, and what they are."""
    features = [
        (name.removeprefix(_FEATURE), weight)
        for name, weight in factors
        if name.startswith(_FEATURE)
    ]
    others = [factor for factor in factors if not factor[0].startswith(_FEATURE)]
    if features:
        others.append(("model", sum(weight for _, weight in features)))
    return tuple(others), tuple(sorted(features, key=lambda feature: -abs(feature[1])))


def _build_edit(row: Any) -> Edit:
    pairs = {
        "title": (row.title_before, row.title_after),
        "summary": (row.summary_before, row.summary_after),
        "body": (row.body_before, row.body_after),
    }
    changed = tuple((name, *compare_texts(*pairs[name])) for name in FIELDS if name in row.changed)
    return Edit(row.edited_at, row.outlet, row.feed_url, changed)


def _build_source(row: Any) -> Source:
    run_path = log_path = None
    if row.dag_id and row.run_id:
        run_path = f"/dags/{_quote(row.dag_id)}/runs/{_quote(row.run_id)}"
        if row.task_id:
            is_mapped = row.map_index is not None and row.map_index >= 0
            place = f"/mapped/{row.map_index}" if is_mapped else ""
            log_path = f"{run_path}/tasks/{_quote(row.task_id)}{place}"
    return Source(
        row.revision_key,
        row.kind,
        row.recorded_from,
        row.loaded_at,
        row.outlet,
        row.batch_id,
        row.archive_file,
        row.archive_offset,
        run_path,
        log_path,
    )


def _quote(name: str) -> str:
    return quote(name, safe="")


_ARTICLE = """
SELECT article.*, outlet.outlet, coalesce(article.canonical_url, sighting.link) AS article_url,
    revision.title, revision.summary, revision.body, revision.authors
FROM core.fact_article AS article
INNER JOIN core.article_revision AS revision ON revision.revision_key = article.current_revision_key
INNER JOIN core.dim_outlet AS outlet ON outlet.outlet_key = article.outlet_key
LEFT JOIN core.fact_sighting AS sighting ON sighting.article_key = article.article_key
    AND sighting.feed_key = article.first_feed_key
WHERE article.article_key = :key
"""

_WHY = """
SELECT topic, score, scope, ruleset, field, matched_text, start_offset, end_offset, rule, weight
FROM mart.why_matched WHERE revision_key = :revision
ORDER BY topic, weight DESC, field, start_offset
"""

_EDITS = """
SELECT * FROM mart.article_edits WHERE article_key = :key
ORDER BY edited_at DESC, revision_key DESC LIMIT 50
"""

_SIGHTINGS = """
SELECT outlet.outlet, feed.feed_url, sighting.link, sighting.guid, sighting.first_seen_at,
    sighting.left_at, sighting.return_count
FROM core.fact_sighting AS sighting
INNER JOIN core.dim_feed AS feed ON feed.feed_key = sighting.feed_key AND feed.is_current
INNER JOIN core.dim_outlet AS outlet ON outlet.outlet_key = feed.outlet_key
WHERE sighting.article_key = :key
ORDER BY sighting.first_seen_at, sighting.feed_key
"""

_SOURCES = """
SELECT revision.revision_key, revision.kind, revision.recorded_from, revision.loaded_at,
    outlet.outlet, revision.batch_id, attempt.archive_file, attempt.archive_offset,
    attempt.dag_id, attempt.run_id, attempt.task_id, attempt.map_index
FROM core.article_revision AS revision
INNER JOIN core.dim_feed AS feed ON feed.feed_key = revision.feed_key AND feed.is_current
INNER JOIN core.dim_outlet AS outlet ON outlet.outlet_key = feed.outlet_key
LEFT JOIN ops.fetch AS attempt ON attempt.batch_id = revision.batch_id
    AND attempt.feed_key = revision.feed_key AND attempt.started_at = revision.recorded_from
WHERE revision.article_key = :key
ORDER BY revision.recorded_from, revision.revision_key
"""

_PLACE = """
SELECT attempt.archive_file, attempt.archive_offset, attempt.encoding
FROM core.article_revision AS revision
INNER JOIN ops.fetch AS attempt ON attempt.batch_id = revision.batch_id
    AND attempt.feed_key = revision.feed_key AND attempt.started_at = revision.recorded_from
WHERE revision.revision_key = :key AND attempt.archive_file IS NOT NULL
    AND attempt.archive_offset IS NOT NULL
"""
