"""What a feed costs on disk: bytes per row of the tables and per fetch in the archive.

Fetches 400 real feeds of ../shared/corpus over loopback (without it, those of the demo): twice into
one home, the second time unchanged, and once into another home with every entry on topic. Sizes
include indexes and TOAST. `docs/scaling.md` explains the factors below.
"""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from feedpublisher import CORPUS
from figures import Figure, Measured, Size
from homes import throwaway_home
from sqlalchemy import Engine, text

from silkwire.config import Settings
from silkwire.model import BatchReport
from silkwire.pipeline import ingest
from silkwire.warehouse.engine import open_engine

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))
from helpers.feedserver import FeedServer  # noqa: E402 (the tests' server)

SAMPLES = ROOT / "plugins" / "silkwire" / "demo" / "feeds" / "cycle1"
_ARTICLE_TABLES = (
    "core.fact_article", "core.article_revision", "core.fact_sighting", "core.fact_topic_match",
    "core.topic_evidence", "core.article_copy", "ops.article_band",
)  # fmt: skip
_SIZE = text(
    "SELECT sum(pg_total_relation_size(relid)) FROM pg_partition_tree(CAST(:name AS regclass))"
)
_PLAIN_SIZE = text("SELECT pg_total_relation_size(CAST(:name AS regclass))")

FETCHES_A_DAY = 11.85
"""Fetches of one feed, by the simulated month of `bench_schedule.py`."""
NEW_BODY_SHARE = 0.29
"""The share of fetches with a new body, by the rates of `simulation.build_publishers`; the others
get 304 or the same body."""
NEW_ENTRIES_A_DAY = 11.2
ON_TOPIC_SHARE = 0.044
"""The share of the entries of several hundred news feeds, by a labelled sample."""
GB = 1e9


def scale(figures: Mapping[str, Any], feeds: int) -> dict[str, float]:
    """Load and storage for that many feeds, on an average day."""
    fetches = feeds * FETCHES_A_DAY
    bodies = fetches * NEW_BODY_SHARE
    entries = feeds * NEW_ENTRIES_A_DAY
    archived = (
        bodies * figures["archive bytes a new body"]
        + (fetches - bodies) * figures["archive bytes a 304"]
    )
    kept = entries * ON_TOPIC_SHARE
    step_seconds = figures["seconds a 1,000 new bodies"]
    return {
        "requests a second": fetches / 86_400,
        "fetches a tick": fetches / 144,
        "new bodies a tick": bodies / 144,
        "seconds of parse a tick": bodies / 144_000 * step_seconds["parse"],
        "seconds of load a tick": bodies / 144_000 * step_seconds["load"],
        "archive, GB a day": archived / GB,
        "articles a day": kept,
        "articles, GB a year": kept * 365 * figures["bytes an article"] / GB,
        "ops.fetch of 13 months, GB": fetches * 395 * figures["bytes a row of ops.fetch"] / GB,
        "off topic of 30 days, GB": (entries - kept)
        * 30
        * figures["bytes an off-topic entry"]
        / GB,
        "ops.feed, GB": feeds * figures["bytes a feed"] / GB,
    }


def measure(size: Size) -> Measured:
    folder = CORPUS if CORPUS.is_dir() else SAMPLES
    files = sorted(folder.iterdir())[: size.pick(400, 100)]
    with FeedServer({path.name: path.read_bytes() for path in files}) as server:
        found = _measure_natural(server) | _measure_kept(server)
    figure = Figure(
        "archive, a new body with its request and decisions",
        "bytes",
        [found["archive bytes a new body"]],
        "the body itself",
        [found["body bytes a document"]],
        is_cost=True,
    )
    scaled = {f"{feeds:,} feeds": scale(found, feeds) for feeds in (1_000, 100_000, 1_000_000)}
    return Measured([figure], found | {"scaled": scaled})


def _measure_natural(server: FeedServer) -> dict[str, Any]:
    """With the configured rules: bytes per fetch and per off-topic entry, seconds of each step."""
    with throwaway_home() as settings:
        engine = open_engine(settings)
        first = _ingest(server, settings)
        archived = _folder_bytes(settings)
        _ingest(server, settings)
        again = _folder_bytes(settings) - archived
        fetches = _count(engine, "ops.fetch")
        figures = {
            "feeds": len(server.documents),
            "entries a document": round(first.entries.fetched / len(server.documents), 1),
            "body bytes a document": sum(map(len, server.documents.values()))
            // len(server.documents),
            "archive bytes a new body": archived // len(server.documents),
            "archive bytes a 304": again // len(server.documents),
            "bytes a row of ops.fetch": _bytes(engine, "ops.fetch") // fetches,
            "bytes a feed": _bytes(engine, "ops.feed") // len(server.documents),
            "bytes an off-topic entry": _bytes(engine, "ops.off_topic")
            // max(1, _count(engine, "ops.off_topic")),
            "seconds a 1,000 new bodies": {
                step: round(seconds * 1000 / len(server.documents), 2)
                for step, seconds in first.seconds.items()
            },
        }
        engine.dispose()
    return figures


def _measure_kept(server: FeedServer) -> dict[str, Any]:
    """With every entry on topic: bytes per article, with its revision, sighting and decisions."""
    with throwaway_home() as settings:
        engine = open_engine(settings)
        _ingest(server, settings, "topics='ai'")
        articles = _count(engine, "core.fact_article")
        size = sum(_bytes(engine, table) for table in _ARTICLE_TABLES)
        engine.dispose()
    return {"articles": articles, "bytes an article": size // articles}


def _ingest(server: FeedServer, settings: Settings, attributes: str = "") -> BatchReport:
    opml = server.write_opml(settings.home / "feeds.opml", attributes)
    return ingest(settings, feeds_opml=opml, ignore_due=True)


def _count(engine: Engine, table: str) -> int:
    with engine.connect() as conn:
        return int(conn.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())


def _bytes(engine: Engine, table: str) -> int:
    with engine.connect() as conn:
        size = conn.execute(_SIZE, {"name": table}).scalar()
        return int(size or conn.execute(_PLAIN_SIZE, {"name": table}).scalar_one())


def _folder_bytes(settings: Settings) -> int:
    return sum(file.stat().st_size for file in settings.home.rglob("*.warc.gz"))
