"""Real feeds through Airflow with Celery workers, of which one is killed while it fetches and one
while it loads; what is in the warehouse then is what one process on one machine leaves.

The image, its services and their secrets are those of docker/, carried out without Docker.
"""

import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import psycopg
import pytest
from composed import POSTGRES_BIN, REDIS, Composed, wait_until
from image import CHECKOUT, build_image
from newsagents import Newsagents
from sqlalchemy import Engine, text

from silkwire.config import Settings
from silkwire.pipeline import ingest

CORPUS = CHECKOUT.parent / "shared" / "corpus" / "feeds"
SAMPLES = CHECKOUT / "plugins" / "silkwire" / "demo" / "feeds" / "cycle1"
FACTS = {
    "articles": "SELECT canonical_url, language, extract(epoch FROM published_at)::text,"
    " published_raw FROM core.fact_article",
    "texts": "SELECT DISTINCT canonical_url, encode(text_hash, 'hex'), title, summary, authors"
    " FROM core.article_revision JOIN core.fact_article USING (article_key)",
    "sightings": "SELECT canonical_url, feed_url, guid, link, position, encode(text_hash, 'hex')"
    " FROM core.fact_sighting AS s JOIN core.fact_article USING (article_key)"
    " JOIN ops.feed USING (feed_key)",
    "reasons": "SELECT DISTINCT article_url, topic, score, scope, field, start_offset,"
    " matched_text, rule FROM mart.why_matched",
    "articles for people": "SELECT article_url, topics, scopes, language FROM mart.articles",
    "quarantine": "SELECT feed_url, title, reasons FROM mart.quarantine_open",
    "off topic": "SELECT feed_url, entry_url, title FROM mart.off_topic_recent",
}
"""What does not depend on which of two feeds with one article was asked first."""
QUICK_TO_NOTICE = {
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "20",
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT_DETECTION_INTERVAL": "4",
    "AIRFLOW__WORKERS__MIN_HEARTBEAT_INTERVAL": "2",
}
FETCHING = {
    "SILKWIRE_FETCH_ALLOW_PRIVATE": "127.0.0.0/8",
    "SILKWIRE_FETCH_HOST_PAUSE": "0",
    "SILKWIRE_FETCH_HOST_CONCURRENCY": "20",
    "SILKWIRE_FETCH_DEADLINE": "120",
    "SILKWIRE_SHARD_FEEDS": "100",
}


@dataclass(frozen=True)
class Ended:
    """What came of the one batch, and who was killed on the way."""

    warehouse: psycopg.Connection[Any]
    composed: Composed
    killed: tuple[str, str]


@pytest.fixture(scope="module")
def newsagents() -> Iterator[Newsagents]:
    folder = CORPUS if CORPUS.is_dir() else SAMPLES
    documents = {path.name: path.read_bytes() for path in sorted(folder.iterdir())}
    with Newsagents(documents) as agents:
        yield agents


@pytest.fixture(scope="module")
def ended(newsagents: Newsagents) -> Iterator[Ended]:
    assert REDIS, "needs Debian's package redis-server"
    assert POSTGRES_BIN, "needs Debian's package postgresql"
    # PostgreSQL runs as another user, who may not enter the folders that pytest makes
    root = Path(tempfile.mkdtemp(prefix="silkwire-cluster-", dir="/tmp"))
    root.chmod(0o711)
    began = time.monotonic()
    image = build_image(root)
    print(f"\nthe image's steps took {time.monotonic() - began:.0f} s", flush=True)  # noqa: T201
    newsagents.write_opml(Path(image.place("/opt/silkwire/config/feeds.opml")))
    newsagents.hold_one()
    with Composed(image, FETCHING | QUICK_TO_NOTICE) as composed:
        print(f"all services are up after {time.monotonic() - began:.0f} s", flush=True)  # noqa: T201
        with composed.connect("warehouse_url") as warehouse:
            fetching = _kill_while_fetching(composed, newsagents)
            composed.start_worker(int(fetching[-1]))
            loading = _kill_while_loading(composed, warehouse)
            wait_until(lambda: _is_done(warehouse), "the batch is done", 300)
            print(f"the batch was done after {time.monotonic() - began:.0f} s", flush=True)  # noqa: T201
            yield Ended(warehouse, composed, (fetching, loading))
    shutil.rmtree(root)


def _kill_while_fetching(composed: Composed, newsagents: Newsagents) -> str:
    """Kill the worker that waits for a body; the name of it."""
    port = newsagents.wait_for_caller(seconds=120)
    name = composed.find_owner(port)
    composed.kill(name)
    newsagents.let_go()
    return name


def _kill_while_loading(composed: Composed, warehouse: psycopg.Connection[Any]) -> str:
    """Kill the worker that has written articles and not yet their evidence; the name of it."""
    waiting = (
        "SELECT client_port FROM pg_stat_activity"
        " WHERE wait_event_type = 'Lock' AND query LIKE '%topic_evidence%'"
    )
    with composed.connect("warehouse_url") as locker, locker.transaction():
        locker.execute("LOCK TABLE core.topic_evidence IN SHARE MODE")
        wait_until(lambda: warehouse.execute(waiting).fetchone() is not None, "a load writes", 300)
        row = warehouse.execute(waiting).fetchone()
        assert row is not None
        name = composed.find_owner(row[0])
        composed.kill(name)
        assert warehouse.execute("SELECT count(*) FROM core.fact_article").fetchone() == (0,)
    return name


def _is_done(warehouse: psycopg.Connection[Any]) -> bool:
    done = "SELECT count(*) FROM ops.batch WHERE state = 'done' AND fetched_count > 0"
    return warehouse.execute(done).fetchone() != (0,)


def test_a_worker_was_killed_in_each_of_the_two_steps(ended: Ended) -> None:
    assert {name[:-1] for name in ended.killed} == {"worker-"}


def test_it_is_one_batch_of_several_shards_from_the_scheduler(ended: Ended) -> None:
    rows = ended.warehouse.execute(
        "SELECT batch_id, trigger, verdict, fetched_count"
        " = accepted_count + unchanged_count + off_topic_count + quarantined_count"
        " FROM ops.batch WHERE fetched_count > 0"
    ).fetchall()
    assert [row[1:] for row in rows] == [("airflow", "published", True)]
    shards = ended.warehouse.execute(
        "SELECT count(DISTINCT map_index) FROM ops.fetch WHERE batch_id = %s", (rows[0][0],)
    ).fetchone()
    assert shards is not None
    assert shards[0] >= 2


def test_every_feed_was_fetched_once_and_none_is_leased(
    ended: Ended, newsagents: Newsagents
) -> None:
    counts = ended.warehouse.execute(
        "SELECT count(*), count(DISTINCT feed_key) FROM ops.fetch"
    ).fetchone()
    assert counts == (len(newsagents.documents), len(newsagents.documents))
    leased = "SELECT count(*) FROM ops.feed WHERE leased_by_batch_id IS NOT NULL"
    assert ended.warehouse.execute(leased).fetchone() == (0,)


def test_the_archive_lies_in_the_object_store(ended: Ended) -> None:
    listed = ended.composed.run(
        "worker",
        "python",
        "-c",
        "import fsspec; fs = fsspec.filesystem('s3');"
        " print(sum(name.endswith('.warc.gz') for name in fs.find('silkwire')))",
    )
    assert int(listed) >= 2


def test_the_warehouse_is_that_of_one_process_on_one_machine(
    ended: Ended,
    newsagents: Newsagents,
    warehouse_settings: Settings,
    warehouse: Engine,
    tmp_path: Path,
) -> None:
    settings = warehouse_settings.model_copy(
        update={
            "fetch_allow_private": (ip_network("127.0.0.0/8"),),
            "fetch_host_pause": 0.0,
            "fetch_host_concurrency": 20,
        }
    )
    newsagents.write_opml(tmp_path / "feeds.opml")
    ingest(settings, feeds_opml=tmp_path / "feeds.opml")
    with warehouse.connect() as conn:
        for name, query in FACTS.items():
            single = Counter(map(repr, map(tuple, conn.execute(text(query)))))
            cluster = Counter(map(repr, ended.warehouse.execute(query).fetchall()))
            assert single, name
            assert (cluster - single, single - cluster) == (Counter(), Counter()), name
