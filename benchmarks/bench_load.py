"""Load 100,000 new entries, beside a bare COPY of the same rows into tables without constraints.

Both run on one server with the settings of production, from the same files by the same driver. The
bare COPY writes to copies of the tables that have no key, index or check, and decides nothing. The
load has to reach 40% of its speed. A third figure is the server alone: a COPY of prepared bytes.
"""

import time
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

from figures import Measured, Size, compare
from homes import throwaway_home
from sqlalchemy import Connection, Engine, text

from silkwire.batchfiles import BatchFolder
from silkwire.config import Settings
from silkwire.load import LoadInput, StagedDocument, load_batch
from silkwire.model import (
    EntryBatchRow,
    Evidence,
    IdentifiedEntry,
    Identity,
    MatchedEntry,
    ParsedEntry,
    TopicDecision,
    Verdict,
)
from silkwire.parse.entry.identity import hash_text
from silkwire.pipeline.batch import files
from silkwire.warehouse.copying import copy_rows
from silkwire.warehouse.engine import open_engine
from silkwire.warehouse.schema.migrate import upgrade
from silkwire.warehouse.tables import batches

NOW = datetime(2026, 11, 23, tzinfo=UTC)
LEAST_SHARE = 0.4
FEEDS = 400
TEXT = (
    "agency analyst bank bridge cabinet chip city court deal delay driver energy export factory"
    " flight founder grant harbour hotel index laboratory law lender market mayor minister model"
    " office permit pilot plan port rail report robot route school seat ship start-up station"
    " talent tariff team ticket tour tower train union visa visit worker year"
)
WORDS = TEXT.split()


def make_entry(number: int) -> ParsedEntry:
    """An entry with its own title and summary; one in three has a body."""
    words = [WORDS[number * step % 9_973 % len(WORDS)] for step in range(1, 48)]
    url = f"https://news{number % FEEDS}.example/2026/11/23/story-{number}"
    return ParsedEntry(
        position=number // FEEDS,
        guid=url,
        url=f"{url}?utm_source=rss",
        canonical_url=url,
        title=f"Story {number}: AI {' '.join(words[:7])}",
        summary=" ".join(words[7:]).capitalize() + ".",
        body=" ".join(words * 6) if number % 3 == 0 else None,
        authors=("A. Writer",),
        published_at=NOW - timedelta(minutes=number % 9_000),
        published_raw="Mon, 23 Nov 2026 07:30:00 GMT",
        published_precision="second",
        published_source="pubDate",
        language="en",
    )


def make_rows(count: int) -> Iterator[tuple[EntryBatchRow, MatchedEntry]]:
    for number in range(count):
        entry = make_entry(number)
        start = (entry.title or "").index("AI")
        spans = (
            Evidence("title", start, start + 2, "AI", "ai.name"),
            Evidence("summary", 0, 6, (entry.summary or "")[:6], "ai.word"),
        )
        decisions = (
            TopicDecision("ai", True, 0.9, evidence=spans),
            TopicDecision("china_travel", False, 0.2),
        )
        item = IdentifiedEntry(entry, Identity.URL, f"{number:064x}", (), hash_text(entry))
        row = EntryBatchRow(number, number % FEEDS + 1, NOW, item)
        yield row, MatchedEntry(number, decisions)


def make_document(feed_key: int) -> StagedDocument:
    return StagedDocument(feed_key, NOW, "a.warc.gz", 0)


def add_feeds(conn: Connection) -> None:
    conn.execute(
        text(
            "INSERT INTO ops.feed (feed_url, fetch_url, next_due_at, created_at)"
            " SELECT 'https://news' || n || '.example/rss', '', now(), now()"
            " FROM generate_series(1, :feeds) AS n"
        ),
        {"feeds": FEEDS},
    )
    conn.execute(
        text(
            "INSERT INTO core.dim_outlet (outlet) SELECT 'Outlet ' || feed_key FROM ops.feed"
            " ORDER BY feed_key"
        )
    )
    conn.execute(
        text(
            "INSERT INTO core.dim_feed (feed_key, feed_url, outlet_key, tags, topics, valid_from)"
            " SELECT feed_key, feed_url, feed_key, '{}', '{}', now() FROM ops.feed"
        )
    )


def write_batch(folder: BatchFolder, count: int) -> None:
    """Write the files that the load reads."""
    rows = list(make_rows(count))
    folder.write(files.ENTRIES, (row for row, _ in rows))
    folder.write(files.MATCHES, (matched for _, matched in rows))


def time_load(engine: Engine, folder: BatchFolder) -> float:
    batch = LoadInput(
        documents=tuple(make_document(key) for key in range(1, FEEDS + 1)),
        rows=lambda: files.read_matched(folder),
        matches=lambda: folder.read(files.MATCHES, MatchedEntry),
        failed=(),
        ruleset="bench",
    )
    with engine.begin() as conn:
        batches.begin_batch(
            conn, "bench", trigger="cli", is_listed_feeds=True, now=NOW, lease=timedelta(hours=1)
        )
    started = time.perf_counter()
    with engine.begin() as conn:
        load_batch(conn, "bench", batch, verdict=Verdict("published"), now=NOW)
    return time.perf_counter() - started


def list_tables(conn: Connection) -> list[tuple[str, int]]:
    """The tables of `core` that the load wrote, with their row counts."""
    names = conn.execute(
        text(
            "SELECT relname FROM pg_class WHERE relnamespace = 'core'::regnamespace"
            " AND relkind = 'r' AND relname NOT LIKE 'dim%' ORDER BY relname"
        )
    ).scalars()
    counts = [(n, conn.execute(text(f"SELECT count(*) FROM core.{n}")).scalar_one()) for n in names]
    return [(name, count) for name, count in counts if count]


def time_copy(engine: Engine, folder: BatchFolder, tables: list[str]) -> float:
    """Seconds to COPY the rows of the same files into tables without constraints.

    Nothing is looked up, compared or decided; keys are consecutive numbers.
    """
    with engine.connect() as conn:
        driver: Any = conn.connection.driver_connection
        driver.execute("CREATE SCHEMA bare")
        for table in tables:
            driver.execute(f"CREATE TABLE bare.{table} AS SELECT * FROM core.{table} LIMIT 0")
        driver.commit()
        started = time.perf_counter()
        for chunk in batched(files.read_matched(folder), 10_000):
            for table, columns, make in BARE:
                copy_rows(conn, f"bare.{table}", columns, (r for one in chunk for r in make(*one)))
        driver.commit()
        return time.perf_counter() - started


def time_raw_copy(engine: Engine, tables: list[str]) -> float:
    """As `time_copy`, but the bytes to send are prepared before the clock starts."""
    with engine.connect() as conn:
        driver: Any = conn.connection.driver_connection
        blocks = {}
        for table in tables:
            with driver.cursor() as cursor, cursor.copy(f"COPY core.{table} TO STDOUT") as copy:
                blocks[table] = b"".join(bytes(block) for block in copy)
        for table in tables:
            driver.execute(f"TRUNCATE bare.{table}")
        driver.commit()
        started = time.perf_counter()
        for table in tables:
            with driver.cursor() as cursor, cursor.copy(f"COPY bare.{table} FROM STDIN") as copy:
                for at in range(0, len(blocks[table]), 1 << 20):
                    copy.write(blocks[table][at : at + (1 << 20)])
        driver.commit()
        return time.perf_counter() - started


Row = tuple[Any, ...]


def bare_article(row: EntryBatchRow, _: MatchedEntry) -> Iterator[Row]:
    named, entry = row.identified, row.identified.entry
    key = row.entry_number + 1
    yield (
        key, named.identity.value, bytes.fromhex(named.identity_hash), entry.canonical_url,
        row.feed_key, row.feed_key, key, row.fetched_at, entry.published_at,
        entry.published_precision, entry.published_source, entry.published_raw, entry.language,
        entry.language_confidence, entry.image_url, "bench", NOW,
    )  # fmt: skip


def bare_revision(row: EntryBatchRow, _: MatchedEntry) -> Iterator[Row]:
    entry, key = row.identified.entry, row.entry_number + 1
    yield (
        key, key, row.feed_key, 1, "inserted", entry.title, entry.summary, entry.body,
        entry.summary_html, entry.body_html, "{A. Writer}", "{}",
        bytes.fromhex(row.identified.text_hash), "{}", "{}", row.fetched_at, NOW, "bench",
    )  # fmt: skip


def bare_sighting(row: EntryBatchRow, _: MatchedEntry) -> Iterator[Row]:
    entry, key = row.identified.entry, row.entry_number + 1
    yield (
        key, row.feed_key, entry.guid, entry.url, entry.position,
        bytes.fromhex(row.identified.text_hash), key, row.fetched_at, 0, "bench",
    )  # fmt: skip


def bare_match(row: EntryBatchRow, matched: MatchedEntry) -> Iterator[Row]:
    for topic, decision in enumerate(matched.decisions, start=1):
        yield (
            row.entry_number * 2 + topic, row.entry_number + 1, topic, 1, decision.is_match,
            decision.score, decision.scope, "[]", "{}",
        )  # fmt: skip


def bare_evidence(row: EntryBatchRow, matched: MatchedEntry) -> Iterator[Row]:
    for topic, decision in enumerate(matched.decisions, start=1):
        for number, span in enumerate(decision.evidence, start=1):
            yield (
                row.entry_number * 2 + topic, number, span.field, span.start, span.end, span.text,
                span.rule, span.weight,
            )  # fmt: skip


BARE: tuple[tuple[str, tuple[str, ...], Callable[..., Iterator[Row]]], ...] = (
    ("fact_article", (
        "article_key", "identity_kind", "identity_hash", "canonical_url", "first_feed_key",
        "outlet_key", "current_revision_key", "first_seen_at", "published_at",
        "published_precision", "published_source", "published_raw", "language",
        "language_confidence", "image_url", "batch_id", "loaded_at",
    ), bare_article),
    ("article_revision", (
        "revision_key", "article_key", "feed_key", "revision_number", "kind", "title", "summary",
        "body", "summary_html", "body_html", "authors", "categories", "text_hash", "changed",
        "problems", "recorded_from", "loaded_at", "batch_id",
    ), bare_revision),
    ("fact_sighting", (
        "article_key", "feed_key", "guid", "link", "position", "text_hash", "revision_key",
        "first_seen_at", "return_count", "batch_id",
    ), bare_sighting),
    ("fact_topic_match", (
        "match_key", "revision_key", "topic_key", "ruleset_key", "is_match", "score", "scope",
        "factors", "flags",
    ), bare_match),
    ("topic_evidence", (
        "match_key", "span_number", "field", "start_offset", "end_offset", "text", "rule", "weight",
    ), bare_evidence),
)  # fmt: skip


def batched(rows: Iterable[Any], size: int) -> Iterator[list[Any]]:
    rows = iter(rows)
    while chunk := list(islice(rows, size)):
        yield chunk


def measure(size: Size) -> Measured:
    entries = size.pick(100_000, 20_000)
    rates: dict[str, list[float]] = {}
    rows = 0
    for _ in range(min(size.rounds, 3)):  # each needs an empty warehouse, so a server of its own
        with throwaway_home() as settings:
            rows, seconds = _measure_round(settings, entries)
        for name, value in seconds.items():
            rates.setdefault(name, []).append(rows / value)
    figures = compare("load", "rows of core/s", rates, targets={"bare COPY": LEAST_SHARE})
    return Measured(figures, {"entries": entries, "rows": rows})


def _measure_round(settings: Settings, entries: int) -> tuple[int, dict[str, float]]:
    """The number of rows that the load wrote, and the seconds of each way to write them."""
    engine = open_engine(settings)
    upgrade(engine)
    with engine.begin() as conn:
        add_feeds(conn)
    folder = BatchFolder(settings.data_root, "bench")
    write_batch(folder, entries)
    load_s = time_load(engine, folder)
    with engine.connect() as conn:
        tables = list_tables(conn)
    names = [name for name, _ in tables]
    copy_s = time_copy(engine, folder, names)
    raw_s = time_raw_copy(engine, names)
    engine.dispose()
    seconds = {"silkwire": load_s, "bare COPY": copy_s, "COPY of ready bytes": raw_s}
    return sum(count for _, count in tables), seconds
