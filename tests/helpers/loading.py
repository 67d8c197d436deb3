"""Batches loaded by hand: the feeds, entries and times that a test gives."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Engine, text

from silkwire.load import LoadInput, StagedCounts, StagedDocument, load_batch, load_late
from silkwire.model import (
    EntryBatchRow,
    Evidence,
    FailedEntry,
    MatchedEntry,
    ParsedEntry,
    Reason,
    TopicDecision,
    Verdict,
)
from silkwire.parse.entry.identity import identify_entries
from silkwire.syndication import link_copies, relink_copies
from silkwire.warehouse.tables import batches

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
WINDOW = timedelta(days=3)


def on_topic(title: str) -> bool:
    return "AI" in title


class Newsroom:
    """Feeds of this test and their loads: each call of `load` is one batch."""

    def __init__(self, engine: Engine):
        self.engine = engine
        self.flags: dict[int, tuple[bool, bool]] = {}
        self.batch_count = 0
        self.inputs: dict[str, LoadInput] = {}
        """Of every batch so far, by its id."""

    def add_feed(self, name: str) -> int:
        with self.engine.begin() as conn:
            key: int = conn.execute(
                text(
                    "INSERT INTO ops.feed (feed_url, fetch_url, next_due_at, created_at)"
                    " VALUES (:url, :url, :now, :now) RETURNING feed_key"
                ),
                {"url": f"https://{name}.example/feed", "now": NOON},
            ).scalar_one()
            conn.execute(
                text(
                    "WITH outlet AS (INSERT INTO core.dim_outlet (outlet) VALUES (:name)"
                    " RETURNING outlet_key) INSERT INTO core.dim_feed (feed_key, feed_url,"
                    " outlet_key, tags, topics, valid_from)"
                    " SELECT :key, :name, outlet_key, '{}', '{}', :now FROM outlet"
                ),
                {"name": name, "key": key, "now": NOON},
            )
        self.flags[key] = (False, False)
        return key

    def load(
        self,
        *documents: tuple[int, list[ParsedEntry]],
        at: datetime = NOON,
        bad: Callable[[str], bool] = lambda title: title.startswith("bad"),
        lost: int = 0,
        verdict: str = "published",
        ruleset: str = "rules-1",
    ) -> StagedCounts:
        """Load one document a feed, fetched a second apart, in the order given."""
        self.batch_count += 1
        batch_id = f"batch-{self.batch_count}"
        rows: list[tuple[EntryBatchRow, MatchedEntry]] = []
        staged = []
        for second, (feed_key, entries) in enumerate(documents):
            fetched_at = at + timedelta(seconds=second)
            urls, guids = self.flags[feed_key]
            named = identify_entries(feed_key, entries, is_urls_repeat=urls, is_guids_repeat=guids)
            self.flags[feed_key] = (named.is_urls_repeat, named.is_guids_repeat)
            staged.append(StagedDocument(feed_key, fetched_at, "a.warc.gz", 0, lost))
            for identified in named.entries:
                row = EntryBatchRow(len(rows), feed_key, fetched_at, identified)
                rows.append((row, _match(row)))
        failed = tuple(
            FailedEntry(row.entry_number, (Reason("title_is_good", "title", "bad", "be good"),))
            for row, _ in rows
            if bad(row.identified.entry.title or "")
        )
        self.inputs[batch_id] = LoadInput(
            tuple(staged),
            lambda: rows,
            lambda: [matched for _, matched in rows],
            failed,
            ruleset,
        )
        with self.engine.begin() as conn:
            batches.begin_batch(
                conn, batch_id, trigger="cli", is_listed_feeds=True, now=at, lease=MINUTE
            )
            loaded = load_batch(
                conn,
                batch_id,
                self.inputs[batch_id],
                verdict=Verdict(verdict),
                now=at,
            )
            link_copies(conn, batch_id, window=WINDOW, now=at)
            return loaded

    def release(self, batch_id: str, at: datetime) -> batches.Batch:
        """Release a held batch to its place among those that are loaded."""
        held = {row[0] for row in self.query("SELECT batch_id FROM ops.batch WHERE verdict='held'")}
        later = {name: one for name, one in self.inputs.items() if name not in held}
        with self.engine.begin() as conn:
            moved = load_late(conn, batch_id, self.inputs[batch_id], later, now=at, reviewer="ann")
            relink_copies(conn, moved, window=WINDOW, now=at)
            return batches.get_batch(conn, batch_id)

    def query(self, statement: str) -> list[tuple[Any, ...]]:
        with self.engine.begin() as conn:
            return [tuple(row) for row in conn.execute(text(statement))]

    def timeline(self, url: str) -> list[tuple[Any, ...]]:
        return self.query(
            "SELECT feed_key, revision_number, kind, title FROM core.article_revision"
            f" JOIN core.fact_article USING (article_key) WHERE canonical_url = '{url}'"
            " ORDER BY revision_key"
        )


def _match(row: EntryBatchRow) -> MatchedEntry:
    title = row.identified.entry.title or ""
    at = title.find("AI")
    evidence = (Evidence("title", at, at + 2, "AI", "ai.name"),) if at >= 0 else ()
    return MatchedEntry(
        row.entry_number,
        (
            TopicDecision("ai", at >= 0, 0.9 if at >= 0 else 0.0, None, evidence),
            TopicDecision("china_travel", False, 0.0),
        ),
    )


def entry(title: str, url: str | None = "https://o.example/1", guid: str | None = None,
          position: int = 0, summary: str | None = None) -> ParsedEntry:  # fmt: skip
    return ParsedEntry(
        position=position, url=url, canonical_url=url, guid=guid, title=title, summary=summary
    )
