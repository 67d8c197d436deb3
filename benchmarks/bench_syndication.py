"""Copies: how well labelled pairs are recognised, and what linking a batch costs.

The texts of the pairs are in `../shared`; without it this part is left out. The cost is measured on
made-up articles (words by Zipf's law, a tenth of the batch are copies), beside the load of the same
batch.
"""

import random
import time
from datetime import UTC, datetime, timedelta
from typing import Any

from figures import Figure, Measured, Size
from homes import throwaway_home
from labelled_pairs import (
    LINKS,
    SHARED,
    is_linked,
    is_predicted_copy,
    read_pairs,
    score_even,
    score_pairs,
)
from sqlalchemy import Connection, text

from silkwire.load import LoadInput, StagedDocument, load_batch
from silkwire.model import (
    EntryBatchRow,
    IdentifiedEntry,
    Identity,
    MatchedEntry,
    ParsedEntry,
    TopicDecision,
    Verdict,
)
from silkwire.parse.entry.identity import identify_entries
from silkwire.syndication import link_copies
from silkwire.syndication.sketch import list_bands
from silkwire.syndication.text import ArticleText, tokenize
from silkwire.warehouse.engine import open_engine
from silkwire.warehouse.schema.migrate import upgrade
from silkwire.warehouse.tables import batches

NOW = datetime(2026, 3, 15, 12, tzinfo=UTC)
WINDOW = timedelta(days=14)
VOCABULARY = 30_000
FEED = """
INSERT INTO core.dim_outlet (outlet) VALUES ('o');
INSERT INTO ops.feed (feed_url, fetch_url, next_due_at, created_at) VALUES ('f', 'f', now(), now());
INSERT INTO core.dim_feed (feed_key, feed_url, outlet_key, tags, topics, valid_from)
VALUES (1, 'f', 1, '{}', '{}', now())
"""
KINDS = ("copy", "event", "follow_up", "numbers", "live", "template", "other")


def measure_pairs() -> dict[str, Any]:
    """Precision and recall of each part, with and without sketches, and right pairs by kind."""
    pairs = read_pairs()
    figures: dict[str, Any] = {}
    parts = {
        "trained": [pair for pair in pairs if pair.part == "trained"],
        "fresh": [pair for pair in pairs if pair.part == "fresh"],
        "within an outlet": [pair for pair in pairs if pair.is_within_outlet],
        "between outlets": [pair for pair in pairs if not pair.is_within_outlet],
        "all": pairs,
    }
    for name, chosen in parts.items():
        alone, sketched = score_pairs(chosen), score_pairs(chosen, is_linked)
        copies = sum(pair.is_copy for pair in chosen)
        figures[name] = {
            "pairs": len(chosen),
            "copies": copies,
            "precision": round(alone.precision, 3),
            "precision at least (95%)": round(alone.precision_interval[0], 3),
            "recall": round(alone.recall, 3),
            "f1": round(alone.f1, 3),
            "f1 behind sketches": round(sketched.f1, 3),
            "f1 of half copies, half near misses": round(score_even(chosen), 3),
        }
    for name, is_within in (("within an outlet", True), ("between outlets", False)):
        links = [pair for pair in read_pairs(LINKS) if pair.is_within_outlet is is_within]
        found = score_pairs(links)
        figures[f"links {name} in other texts"] = {
            "links": found.true_positive + found.false_positive,
            "precision": round(found.precision, 3),
            "precision at least (95%)": round(found.precision_interval[0], 3),
        }
    for kind in KINDS:
        chosen = [pair for pair in pairs if pair.kind == kind]
        right = sum(is_predicted_copy(pair) == pair.is_copy for pair in chosen)
        figures[kind] = {"pairs": len(chosen), "right": right}
    return figures


def spell(number: int) -> str:
    """A different word for each number, of letters only: digits would be tokens of their own."""
    letters = "bcdfghjklmnprstvwz"
    word = "xa"
    while number:
        number, digit = divmod(number, len(letters))
        word += letters[digit] + "o"
    return word


class Writer:
    """Makes up articles, with words by Zipf's law: a few sequences are common, most are rare."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.words = [spell(number) for number in range(VOCABULARY)]
        self.weights = [1 / (rank + 10) for rank in range(VOCABULARY)]
        self.written: list[tuple[str, str]] = []

    def write(self, count: int, copy_share: float = 0.0) -> list[tuple[str, str]]:
        """Titles and leads; a share of `copy_share` repeats an earlier text."""
        words = self.chance.choices(self.words, self.weights, k=50 * count)
        texts = []
        for number in range(count):
            piece = words[50 * number : 50 * number + 50]
            title, lead = " ".join(piece[:12]), " ".join(piece[12:])
            if self.written and self.chance.random() < copy_share:
                title, lead = self.chance.choice(self.written)
            texts.append((title, lead))
        self.written += texts
        return texts


def fill_window(conn: Connection, texts: list[tuple[str, str]]) -> None:
    """Insert articles of the last fortnight with their bands, as earlier batches leave them."""
    driver: Any = conn.connection.driver_connection
    conn.execute(
        text("CREATE TEMPORARY TABLE made (n bigint, title text, lead text, at timestamptz)")
    )
    step = WINDOW / (len(texts) + 1)
    with driver.cursor() as cursor, cursor.copy("COPY made FROM STDIN") as rows:
        for number, (title, lead) in enumerate(texts, start=1):
            rows.write_row((number, title, lead, NOW - WINDOW + number * step))
    for statement in (
        "INSERT INTO core.fact_article (identity_kind, identity_hash, canonical_url,"
        " first_feed_key, outlet_key, first_seen_at, batch_id, loaded_at)"
        " SELECT 'url', sha256(int8send(n)),"
        " 'https://o.example/' || n, 1, 1, at, 'window', at FROM made ORDER BY n",
        "INSERT INTO core.article_revision (article_key, feed_key, revision_number, kind, title,"
        " summary, text_hash, recorded_from, loaded_at, batch_id) SELECT article_key, 1, 1,"
        " 'inserted', title, lead, identity_hash, at, at, 'window' FROM made"
        " JOIN core.fact_article ON identity_hash = sha256(int8send(n))",
    ):
        conn.execute(text(statement))
    keys = dict(
        conn.execute(text("SELECT n, article_key FROM made JOIN core.fact_article"
                          " ON identity_hash = sha256(int8send(n))")).all()
    )  # fmt: skip
    bands = list_bands([tokenize(ArticleText(title, lead)) for title, lead in texts])
    with driver.cursor() as cursor, cursor.copy("COPY ops.article_band FROM STDIN") as rows:
        for number, values in enumerate(bands, start=1):
            for value in values:
                rows.write_row((value, NOW - WINDOW + number * step, keys[number]))


def make_batch(texts: list[tuple[str, str]]) -> LoadInput:
    entries = [
        ParsedEntry(n, url=f"https://n.example/{n}", canonical_url=f"https://n.example/{n}",
                    title=title, summary=lead)
        for n, (title, lead) in enumerate(texts)
    ]  # fmt: skip
    named = identify_entries(1, entries, is_urls_repeat=False, is_guids_repeat=False).entries
    rows = [(EntryBatchRow(n, 1, NOW, item), _match(n)) for n, item in enumerate(named)]
    assert all(
        isinstance(item, IdentifiedEntry) and item.identity is Identity.URL for item in named
    )
    document = StagedDocument(1, NOW, None, None)
    matches = [matched for _, matched in rows]
    return LoadInput((document,), lambda: rows, lambda: matches, (), "rules")


def _match(number: int) -> MatchedEntry:
    return MatchedEntry(number, (TopicDecision("ai", True, 0.9),))


def measure(size: Size) -> Measured:
    batch, window = size.pick(10_000, 2_000), size.pick(200_000, 20_000)
    cost = measure_cost(batch, window)
    figure = Figure(
        f"linking copies: {batch:,} articles against {window:,}",
        "s",
        [cost["link_s"]],
        "their load",
        [cost["load_s"]],
        is_cost=True,
    )
    pairs = measure_pairs() if SHARED.is_dir() else None
    return Measured([figure], {"cost": cost, "pairs": pairs})


def measure_cost(batch_size: int, window_size: int) -> dict[str, float]:
    """Seconds to load one batch and to link it with the articles of a full window."""
    writer = Writer(7)
    with throwaway_home() as settings:
        engine = open_engine(settings)
        upgrade(engine)
        with engine.begin() as conn:
            conn.execute(text(FEED))
            fill_window(conn, writer.write(window_size))
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
            conn.execute(text("VACUUM ANALYZE"))
        batch = make_batch(writer.write(batch_size, copy_share=0.1))
        with engine.begin() as conn:
            batches.begin_batch(
                conn, "b", trigger="cli", is_listed_feeds=True, now=NOW, lease=WINDOW
            )
            started = time.perf_counter()
            load_batch(conn, "b", batch, verdict=Verdict("published"), now=NOW)
            loaded = time.perf_counter()
            linked = link_copies(conn, "b", window=WINDOW, now=NOW)
            ended = time.perf_counter()
        with engine.connect() as conn:
            size = conn.execute(text("SELECT pg_total_relation_size('ops.article_band')")).scalar()
        engine.dispose()
    return {
        "load_s": round(loaded - started, 2),
        "link_s": round(ended - loaded, 2),
        "band_mb": round(size / 1e6),
        "candidates": linked.candidates,
        "links": linked.links,
    }
