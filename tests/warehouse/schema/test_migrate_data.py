"""An upgrade from any earlier revision keeps what the warehouse holds."""

import shutil
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, text

from silkwire.resources import SQL_DIR
from silkwire.warehouse.schema.migrate import upgrade

VERSIONS = SQL_DIR / "migrations" / "versions"
EARLIER = sorted(path.stem[:4] for path in VERSIONS.glob("0*.py"))[:-1]

ROWS = """
INSERT INTO ops.batch (batch_id, trigger, is_listed_feeds, started_at, lease_expires_at, state,
    finished_at, verdict, fetched_count, accepted_count, quarantined_count, inserted_count)
VALUES ('b1', 'cli', true, '2025-03-01 08:00+00', '2025-03-01 09:00+00', 'done',
    '2025-03-01 08:01+00', 'published', 2, 1, 1, 1);
INSERT INTO ops.feed (feed_url, fetch_url, title, outlet, next_due_at, created_at)
VALUES ('https://meridian.example/rss', 'https://meridian.example/rss', 'World', 'Meridian Post',
    '2025-03-01 08:10+00', '2025-03-01 07:00+00');
INSERT INTO ops.fetch (batch_id, feed_key, started_at, fetch_url, outcome, http_status, wire_bytes,
    body_bytes, fetch_ms)
SELECT 'b1', feed_key, '2025-03-01 08:00+00', feed_url, 'new', 200, 900, 4000, 35 FROM ops.feed;
INSERT INTO ops.quarantine (feed_key, fingerprint, batch_id, fetched_at, title, payload,
    last_seen_at)
SELECT feed_key, '\\x01', 'b1', '2025-03-01 08:00+00', 'Visa rules of the year one', '{}',
    '2025-03-01 08:00+00' FROM ops.feed;
INSERT INTO ops.quarantine_reason (quarantine_key, reason_number, expectation, column_name, value,
    rule)
SELECT quarantine_key, 1, 'published_at_is_plausible', 'published_at', '0001-01-01', 'not so early'
FROM ops.quarantine;
INSERT INTO ops.expectation_result (batch_id, suite, expectation_number, expectation, is_success,
    element_count, unexpected_count, unexpected_share, run_at)
VALUES ('b1', 'entry', 1, 'published_at_is_plausible', false, 2, 1, 0.5, '2025-03-01 08:00+00');
INSERT INTO core.dim_outlet (outlet) VALUES ('Meridian Post');
INSERT INTO core.dim_feed (feed_key, feed_url, title, outlet_key, tags, topics, valid_from)
SELECT feed_key, feed_url, title, outlet_key, '{}', '{}', '2025-03-01 08:00+00'
FROM ops.feed CROSS JOIN core.dim_outlet;
INSERT INTO core.dim_ruleset (version, first_used_at) VALUES ('r1', '2025-03-01 08:00+00');
INSERT INTO core.fact_article (identity_kind, identity_hash, canonical_url, first_feed_key,
    outlet_key, first_seen_at, batch_id, loaded_at)
SELECT 'url', '\\x02', 'https://meridian.example/1', feed_key, outlet_key, '2025-03-01 08:00+00',
    'b1', '2025-03-01 08:01+00'
FROM ops.feed CROSS JOIN core.dim_outlet;
INSERT INTO core.article_revision (article_key, feed_key, revision_number, kind, title, text_hash,
    recorded_from, loaded_at, batch_id)
SELECT article_key, first_feed_key, 1, 'inserted', 'China eases visas', '\\x03',
    first_seen_at, loaded_at, 'b1'
FROM core.fact_article;
UPDATE core.fact_article
SET current_revision_key = (SELECT revision_key FROM core.article_revision);
"""
SIGHTING = """
INSERT INTO core.fact_sighting (article_key, feed_key, link, position, text_hash, revision_key,
    first_seen_at, batch_id{loaded})
SELECT article_key, feed_key, 'https://meridian.example/1', 0, text_hash, revision_key,
    recorded_from, batch_id{loaded} FROM core.article_revision;
INSERT INTO core.fact_topic_match (revision_key, topic_key, ruleset_key, is_match, score, scope
    {loaded})
SELECT revision_key, topic_key, ruleset_key, true, 0.97, 'inbound'{loaded}
FROM core.article_revision CROSS JOIN core.dim_topic CROSS JOIN core.dim_ruleset
WHERE topic = 'china_travel';
INSERT INTO core.topic_evidence (match_key, span_number, field, start_offset, end_offset, text,
    rule, weight)
SELECT match_key, 1, 'title', 12, 17, 'visas', 'visa', 4.5 FROM core.fact_topic_match;
"""


@pytest.mark.parametrize("revision", EARLIER)
def test_what_was_loaded_before_an_upgrade_is_there_after_it(
    empty_database: Engine, tmp_path: Path, revision: str
) -> None:
    upgrade(empty_database, sql_up_to(revision, tmp_path / "sql"))
    with empty_database.begin() as conn:
        fill(conn, revision)
    assert upgrade(empty_database) is True
    with empty_database.begin() as conn:
        assert read(conn, "mart.articles", "title", "outlet", "topics", "scopes", "edit_count") == [
            ("China eases visas", "Meridian Post", ["china_travel"], ["inbound"], 0)
        ]
        assert read(conn, "mart.why_matched", "matched_text", "rule") == [("visas", "visa")]
        assert read(conn, "mart.quarantine_open", "title", "seen_count") == [
            ("Visa rules of the year one", 1)
        ]
        assert read(conn, "ops.fetch", "batch_id", "outcome", "wire_bytes") == [("b1", "new", 900)]
        assert read(conn, "ops.expectation_result", "unexpected_share") == [(0.5,)]
        assert read(conn, "mart.batch_reconciliation", "batch_id", "fetched_count") == [("b1", 2)]


def test_keys_of_topics_that_were_used_up_are_free_again(
    empty_database: Engine, tmp_path: Path
) -> None:
    upgrade(empty_database, sql_up_to("0011", tmp_path / "sql"))
    with empty_database.begin() as conn:
        conn.exec_driver_sql("SELECT setval('core.dim_topic_topic_key_seq', 32767)")
    upgrade(empty_database)
    with empty_database.begin() as conn:
        conn.exec_driver_sql("INSERT INTO core.dim_topic (topic) VALUES ('space')")
        assert read(conn, "core.dim_topic", "topic", "topic_key") == [
            ("ai", 1),
            ("china_travel", 2),
            ("space", 3),
        ]


def test_the_origin_of_stored_copies_becomes_the_one_that_was_public_first(
    empty_database: Engine, tmp_path: Path
) -> None:
    """Article 1 was seen first, 3 was published first; 4 and 5 are in order already."""
    upgrade(empty_database, sql_up_to("0014", tmp_path / "sql"))
    with empty_database.begin() as conn:
        fill(conn, "0014")
        conn.exec_driver_sql(
            "INSERT INTO core.fact_article (identity_kind, identity_hash, canonical_url,"
            " first_feed_key, outlet_key, first_seen_at, published_at, published_precision,"
            " batch_id, loaded_at)"
            " SELECT 'url', int8send(n), 'https://meridian.example/' || n, first_feed_key,"
            "  outlet_key, first_seen_at + n * interval '1 minute',"
            "  CASE n WHEN 3 THEN first_seen_at - interval '1 hour' END, 'second', 'b1', loaded_at"
            " FROM core.fact_article CROSS JOIN generate_series(2, 5) AS n ORDER BY n"
        )
        conn.exec_driver_sql(
            "INSERT INTO core.article_copy (article_key, origin_article_key, similarity, reason,"
            " linked_at) VALUES (2, 1, 0.5, 'same lead', '2025-03-01 09:00Z'),"
            " (3, 1, 0.75, 'same lead', '2025-03-01 09:00Z'),"
            " (5, 4, 1, 'same lead', '2025-03-01 09:00Z')"
        )
    upgrade(empty_database)
    with empty_database.begin() as conn:
        current = "core.article_copy WHERE replaced_at IS NULL ORDER BY 1"
        columns = ("article_key", "origin_article_key", "similarity", "reason")
        assert read(conn, current, *columns) == [
            (1, 3, 0.75, "same lead"),
            (2, 3, 0.5, "through another copy"),
            (5, 4, 1.0, "same lead"),
        ]
        assert read(conn, "core.article_copy WHERE replaced_at IS NOT NULL", "count(*)") == [(2,)]


def sql_up_to(revision: str, folder: Path) -> Path:
    """A folder like `sql/` of the time of that revision, without views."""
    (folder / "marts").mkdir(parents=True)
    (folder / "migrations" / "versions").mkdir(parents=True)
    shutil.copy(SQL_DIR / "migrations" / "env.py", folder / "migrations")
    for path in VERSIONS.glob("0*.py"):
        if path.stem[:4] <= revision:
            shutil.copy(path, folder / "migrations" / "versions")
    return folder


def fill(conn: Connection, revision: str) -> None:
    if revision >= "0006":
        conn.exec_driver_sql("SELECT ops.create_partitions('2025-03-01', '2025-03-31')")
    conn.exec_driver_sql(ROWS)
    if revision >= "0009":
        conn.exec_driver_sql("UPDATE core.dim_ruleset SET adoptions = ARRAY[first_used_at]")
    conn.exec_driver_sql(SIGHTING.format(loaded=", loaded_at" if revision >= "0003" else ""))


def read(conn: Connection, relation: str, *columns: str) -> list[tuple[object, ...]]:
    rows = conn.execute(text(f"SELECT {', '.join(columns)} FROM {relation}"))
    return [tuple(row) for row in rows]
