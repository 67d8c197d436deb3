"""What ../shared brings, ingested live over loopback, comes out of its archive the same.

Each snapshot of ../shared/series is a batch, in order, and the documents of ../shared/corpus are
one more; first a part of them, then all, as `make test-replay` does alone.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from ipaddress import ip_network
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import Engine, text

from helpers.feedserver import FeedServer
from helpers.picture import MARTS
from helpers.places import SHARED
from silkwire.config import Settings
from silkwire.pipeline import ingest
from silkwire.pipeline.replay.run import replay
from silkwire.warehouse.copying import copy_rows

COMPARED = ("articles", "article_edits", "why_matched", "topic_daily", "outlet_daily")
CORPUS_AT = datetime(2026, 11, 23, 12, tzinfo=UTC)  # after all snapshots: order is by time
pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class Part:
    """How many snapshots of each feed (None: all), and which documents: every second, third, …"""

    snapshots: int | None
    document_step: int


PARTS = {"part": Part(snapshots=3, document_step=6), "whole": Part(None, 1)}


@pytest.mark.parametrize("name", PARTS)
def test_an_empty_warehouse_is_rebuilt_as_it_was(
    warehouse_settings: Settings,
    warehouse: Engine,
    empty_database: Engine,
    tmp_path: Path,
    name: str,
) -> None:
    if not SHARED.is_dir():
        pytest.skip("../shared is not here")
    settings = warehouse_settings.model_copy(
        update={
            "fetch_allow_private": (ip_network("127.0.0.0/8"),),
            "fetch_host_pause": 0.0,
            "fetch_host_concurrency": 50,
        }
    )
    batch_count = live(settings, PARTS[name], tmp_path)
    url = SecretStr(empty_database.url.render_as_string(hide_password=False))
    report = replay(settings.model_copy(update={"warehouse_url": url}))
    assert (report.batches.found, report.batches.replayed) == (batch_count, batch_count)
    assert (report.damages, report.fetches.lost, report.rules_lost) == ([], 0, ())
    counts = {mart: compare(warehouse, empty_database, mart) for mart in COMPARED}
    print(f"{batch_count} batches, {report.entries.fetched} entries, rows {counts}")  # noqa: T201
    assert all(counts.values()), counts


def live(settings: Settings, part: Part, folder: Path) -> int:
    """Ingest what there is, in order; return the number of batches."""
    snapshots = [
        (datetime.strptime(snapshot.stem, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC), snapshot)
        for feed in sorted(path for path in (SHARED / "series").iterdir() if path.is_dir())
        for snapshot in sorted(feed.glob("*.xml"))[: part.snapshots]
    ]
    documents = sorted((SHARED / "corpus" / "feeds").iterdir())[:: part.document_step]
    with FeedServer() as server:
        for at, snapshot in sorted(snapshots):
            server.documents = {snapshot.parent.name: snapshot.read_bytes()}
            opml = server.write_opml(folder / "f.opml", "topics='ai'")
            ingest(settings, feeds_opml=opml, ignore_due=True, now=lambda at=at: at)
        server.documents = {document.name: document.read_bytes() for document in documents}
        opml = server.write_opml(folder / "f.opml")
        ingest(settings, feeds_opml=opml, ignore_due=True, now=lambda: CORPUS_AT)
    return len(snapshots) + 1


def compare(first: Engine, second: Engine, mart: str) -> int:
    """Require the same rows but for surrogate keys and times of loading; return their number."""
    rows = f"SELECT CAST(to_jsonb(row) - CAST(:keys AS text[]) AS text) FROM mart.{mart} AS row"
    keys = {"keys": MARTS[mart].split()}
    with first.begin() as conn:
        texts = conn.execute(text(rows), keys).scalars().all()
    with second.begin() as conn:
        for table in ("live", "rebuilt"):
            conn.execute(text(f"CREATE TEMPORARY TABLE {table} (row text) ON COMMIT DROP"))
        copy_rows(conn, "live", ("row",), ((one,) for one in texts))
        conn.execute(text(f"INSERT INTO rebuilt {rows}"), keys)
        for one, other in (("live", "rebuilt"), ("rebuilt", "live")):
            query = f"TABLE {one} EXCEPT ALL TABLE {other} LIMIT 3"
            assert conn.execute(text(query)).all() == [], f"only in {one}"
    return len(texts)
