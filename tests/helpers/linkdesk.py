"""Articles put straight into the tables, and linked as copies."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from sqlalchemy import Engine, text

from silkwire.syndication import Linked, link_copies

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
WINDOW = 14 * DAY


@dataclass(frozen=True)
class Story:
    url: str
    title: str
    lead: str | None = None
    outlet: str = "Wire"
    at: datetime = NOON
    published: datetime | None = None
    raw: str | None = None


FLOOD = Story(
    "https://wire.example/flood",
    "Ferry crews stranded as the river Ansa floods three harbours",
    "Some 400 passengers spent the night on two ferries near Port Ansa after the river rose by"
    " three metres within hours, the harbour office said on Monday.",
)
COPY = replace(
    FLOOD,
    url="https://post.example/ferries",
    title="Hundreds spend a night on the water",
    outlet="Post",
    at=NOON + MINUTE,
)
OTHER = Story(
    "https://gazette.example/tax",
    "Council of Port Ansa drops the tax on small boats",
    "Owners of boats under six metres will pay nothing from July, the mayor told a meeting.",
    "Gazette",
    NOON + 2 * MINUTE,
)


class LinkDesk:
    """Articles straight into the tables, as the load leaves them, and then linked."""

    def __init__(self, engine: Engine):
        self.engine = engine
        self.batch_numbers = count(1)

    def load(self, *stories: Story, now: datetime = NOON, window: timedelta = WINDOW) -> Linked:
        batch_id = f"batch-{next(self.batch_numbers)}"
        with self.engine.begin() as conn:
            for story in stories:
                conn.execute(_INSERT, {**vars(story), "batch_id": batch_id, "now": now})
            return link_copies(conn, batch_id, window=window, now=now)

    def link_again(self, batch_id: str) -> Linked:
        with self.engine.begin() as conn:
            return link_copies(conn, batch_id, window=WINDOW, now=NOON)

    def query(self, statement: str) -> list[tuple[Any, ...]]:
        with self.engine.begin() as conn:
            return [tuple(row) for row in conn.execute(text(statement))]

    def empty(self) -> None:
        with self.engine.begin() as conn:
            conn.execute(text("TRUNCATE core.fact_article, ops.article_band CASCADE"))

    def links(self) -> list[tuple[str, str]]:
        return self.query(
            "SELECT article.canonical_url, origin.canonical_url FROM core.article_copy AS copy"
            " JOIN core.fact_article AS article USING (article_key)"
            " JOIN core.fact_article AS origin ON origin.article_key = copy.origin_article_key"
            " WHERE replaced_at IS NULL ORDER BY 1"
        )


_INSERT = text(
    "WITH known AS (INSERT INTO core.dim_outlet (outlet) VALUES (:outlet)"
    "  ON CONFLICT (outlet) DO UPDATE SET outlet = excluded.outlet RETURNING outlet_key),"
    " article AS (INSERT INTO core.fact_article (identity_kind, identity_hash, canonical_url,"
    "  first_feed_key, outlet_key, first_seen_at, published_at, published_precision,"
    "  published_raw, batch_id, loaded_at)"
    "  SELECT 'url', sha256(convert_to(:url, 'UTF8')), :url, 1, outlet_key, :at, :published,"
    "  'second', :raw, :batch_id, :now"
    "  FROM known RETURNING article_key)"
    " INSERT INTO core.article_revision (article_key, feed_key, revision_number, kind, title,"
    "  summary, text_hash, recorded_from, loaded_at, batch_id)"
    " SELECT article_key, 1, 1, 'inserted', :title, :lead, sha256(convert_to(:title, 'UTF8')),"
    "  :at, :now, :batch_id FROM article"
)
