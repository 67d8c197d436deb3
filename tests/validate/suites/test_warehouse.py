"""A sound warehouse fails nothing; broken in one way, it fails exactly the check of that way."""

import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, text

from helpers.loading import MINUTE, NOON, Newsroom, entry
from silkwire.errors import ValidationError
from silkwire.validate.engine.tables import CheckedExpectation, read_relation, validate_warehouse
from silkwire.validate.suites.warehouse import Relation, build_warehouse_suite
from silkwire.warehouse.schema.partitions import create_partitions

SUITE = build_warehouse_suite(stale_minutes=60)
NOW = NOON + 40 * MINUTE

UNBIND_BATCH = (
    "ALTER TABLE ops.batch DROP CONSTRAINT batch_nothing_lost, DROP CONSTRAINT"
    " batch_accepted_adds_up"
)
UNBIND_REVISION = (
    "ALTER TABLE core.article_revision DROP CONSTRAINT article_revision_article_fk,"
    " DROP CONSTRAINT article_revision_number_unique"
)
UNBIND_ARTICLE = "ALTER TABLE core.fact_article DROP CONSTRAINT fact_article_current_revision_fk"
UNBIND_SIGHTING = "ALTER TABLE core.fact_sighting DROP CONSTRAINT fact_sighting_revision_fk"

BREAKS: dict[str, tuple[str, ...]] = {
    "counts_add_up_over_all_time": (
        UNBIND_BATCH,
        "UPDATE ops.batch SET unchanged_count = unchanged_count + 1 WHERE batch_id = 'batch-1'",
    ),
    "accepted_adds_up_over_all_time": (
        UNBIND_BATCH,
        "UPDATE ops.batch SET variant_count = 1 WHERE batch_id = 'batch-2'",
    ),
    "attempts_add_up_to_their_batch": (
        "UPDATE ops.fetch SET fetched_count = fetched_count - 1 WHERE batch_id = 'batch-2'",
    ),
    "accepted_entries_are_in_the_warehouse": (
        "UPDATE ops.batch SET verdict = 'published' WHERE verdict = 'held'",
    ),
    "canonical_url_is_once": (
        "UPDATE core.fact_article SET canonical_url = 'https://o.example/1'"
        " WHERE canonical_url = 'https://o.example/2'",
    ),
    "article_feed_is_known": (
        "UPDATE core.fact_article SET first_feed_key = 99 WHERE canonical_url LIKE '%/2'",
    ),
    "article_batch_is_known": (
        "UPDATE core.fact_article SET batch_id = 'gone' WHERE canonical_url LIKE '%/2'",
    ),
    "article_has_a_sighting": (
        "DELETE FROM core.fact_sighting USING core.fact_article"
        " WHERE fact_article.article_key = fact_sighting.article_key"
        " AND canonical_url LIKE '%/2'",
    ),
    "article_has_a_current_text": (
        "UPDATE core.fact_article SET current_revision_key = (SELECT max(revision_key)"
        " FROM core.article_revision) WHERE canonical_url LIKE '%/2'",
    ),
    "revisions_do_not_overlap": (
        "UPDATE core.article_revision SET recorded_from = recorded_from - interval '1 day'"
        " WHERE revision_number = 2",
    ),
    "revision_numbers_have_no_gap": (
        "UPDATE core.article_revision SET revision_number = 3 WHERE revision_number = 2",
    ),
    "revision_differs_from_the_one_before": (
        "UPDATE core.article_revision AS later SET text_hash = earlier.text_hash"
        " FROM core.article_revision AS earlier WHERE later.revision_number = 2"
        " AND earlier.article_key = later.article_key AND earlier.revision_number = 1",
        "UPDATE core.fact_sighting SET text_hash = revision.text_hash"
        " FROM core.article_revision AS revision"
        " WHERE revision.revision_key = fact_sighting.revision_key",
    ),
    "revision_feed_is_known": (
        "UPDATE core.article_revision SET feed_key = 99"
        " WHERE article_key = (SELECT max(article_key) FROM core.fact_article)",
    ),
    "revision_is_decided": (
        "DELETE FROM core.fact_topic_match WHERE revision_key ="
        " (SELECT max(revision_key) FROM core.article_revision)",
    ),
    "sighting_feed_is_known": (
        "INSERT INTO core.fact_sighting (article_key, feed_key, position, text_hash, revision_key,"
        " first_seen_at, batch_id) SELECT article_key, 99, 0, text_hash, revision_key,"
        " first_seen_at, batch_id FROM core.fact_sighting LIMIT 1",
    ),
    "sighting_shows_a_text_of_its_article": (
        "UPDATE core.fact_sighting SET text_hash = sha256('other')"
        " WHERE article_key = (SELECT max(article_key) FROM core.fact_article)",
    ),
    "sighting_ends_after_it_begins": (
        "UPDATE core.fact_sighting SET left_at = first_seen_at"
        " WHERE article_key = (SELECT max(article_key) FROM core.fact_article)",
    ),
    "matches_are_explained_by_rows": (
        "DELETE FROM core.topic_evidence WHERE match_key ="
        " (SELECT max(match_key) FROM core.topic_evidence)",
    ),
    "evidence_quotes_the_stored_text": (
        "UPDATE core.topic_evidence SET start_offset = 1, end_offset = 3 WHERE match_key ="
        " (SELECT max(match_key) FROM core.topic_evidence)",
    ),
    "feed_is_described": ("DELETE FROM core.dim_feed WHERE feed_url = 'two'",),
    "feed_is_read_in_time": (
        "UPDATE ops.feed SET next_due_at = next_due_at - interval '1 day'"
        " WHERE feed_url LIKE '%two%'",
    ),
    "feed_is_leased_by_a_running_batch": (
        "UPDATE ops.feed SET leased_by_batch_id = 'batch-1' WHERE feed_url LIKE '%two%'",
    ),
    "feed_versions_do_not_overlap": (
        "INSERT INTO core.dim_feed (feed_key, feed_url, outlet_key, tags, topics, valid_from,"
        " valid_to) SELECT feed_key, feed_url, outlet_key, tags, topics,"
        " valid_from - interval '1 day', valid_from + interval '1 hour' FROM core.dim_feed"
        " WHERE feed_url = 'two'",
    ),
    "quarantined_record_has_a_reason": ("DELETE FROM ops.quarantine_reason",),
    "batch_is_recent": (
        "UPDATE ops.batch SET finished_at = finished_at - interval '1 hour'",
    ),
    "batches_leave_no_gap": (
        "UPDATE ops.batch SET started_at = started_at - interval '1 hour'"
        " WHERE batch_id = 'batch-1'",
    ),
    "some_feed_answered_recently": (
        "UPDATE ops.feed SET last_success_at = last_success_at - interval '1 day'",
    ),
    "volume_fits_its_history": (
        "INSERT INTO ops.batch (batch_id, trigger, started_at, lease_expires_at, state, verdict,"
        " fetched_count, accepted_count, inserted_count)"
        " SELECT 'day ' || n, 'airflow', day, day, 'abandoned', NULL, c, c, c FROM (SELECT n,"
        " CASE n WHEN 1 THEN 101 ELSE 10 END AS c, CAST('2026-03-01 12:30Z' AS timestamptz)"
        " - n * interval '1 day' AS day FROM generate_series(1, 15) AS n) AS days",
        "ALTER TABLE ops.batch DROP CONSTRAINT batch_done_has_verdict",
        "UPDATE ops.batch SET verdict = 'published' WHERE batch_id LIKE 'day %'",
    ),
}  # fmt: skip


@pytest.fixture
def sound(warehouse: Engine) -> Engine:
    """Three batches in two feeds: an article edited, one of the other feed, one in quarantine."""
    room = Newsroom(warehouse)
    one, two = room.add_feed("one"), room.add_feed("two")
    second = entry("AI in Chengdu", "https://o.example/2")
    room.load((one, [entry("AI news"), entry("bad AI", "https://o.example/3")]), (two, [second]))
    room.load((one, [entry("AI news, edited")]), at=NOON + 10 * MINUTE)
    room.load((two, [entry("AI of a held batch", "https://o.example/4")]),
              at=NOON + 20 * MINUTE, verdict="held")  # fmt: skip
    with warehouse.begin() as conn:
        conn.execute(text("UPDATE ops.feed SET last_success_at = '2026-03-01 12:00Z'"))
        create_partitions(conn, [NOON])
        conn.execute(
            text(
                "INSERT INTO ops.fetch (batch_id, feed_key, started_at, fetch_url, outcome,"
                " wire_bytes, body_bytes, fetch_ms, fetched_count)"
                " SELECT batch_id, 1, started_at, '', 'new', 0, 0, 0, fetched_count FROM ops.batch"
            )
        )
    return warehouse


def validate(engine: Engine, now: datetime = NOW) -> dict[str, CheckedExpectation]:
    return {found.check.name: found for found in validate_warehouse(engine, SUITE, now=now)}


def failures(found: dict[str, CheckedExpectation]) -> dict[str, int]:
    return {n: f.result.unexpected_count for n, f in found.items() if not f.result.is_success}


def test_sound_warehouse_fails_nothing_and_is_really_looked_at(sound: Engine) -> None:
    found = validate(sound)
    assert failures(found) == {}
    counts = {name: f.result.element_count for name, f in found.items()}
    assert counts["counts_add_up_over_all_time"] == 3
    assert counts["revisions_do_not_overlap"] == 3
    assert counts["evidence_quotes_the_stored_text"] == 3
    assert counts["quarantined_record_has_a_reason"] == 1
    assert min(counts.values()) > 0


def test_warehouse_without_anything_in_it_fails_nothing(warehouse: Engine) -> None:
    assert failures(validate(warehouse)) == {}


@pytest.mark.slow
@pytest.mark.parametrize("name", BREAKS)
def test_broken_warehouse_fails_exactly_the_check_of_that(name: str, sound: Engine) -> None:
    with sound.begin() as conn:
        for statement in BREAKS[name]:
            conn.execute(text(statement))
    assert list(failures(validate(sound))) == [name]


def test_every_check_is_broken_by_some_test() -> None:
    assert set(BREAKS) == {check.name for relation in SUITE for check in relation.checks}


def test_what_fails_is_named_by_its_key(sound: Engine) -> None:
    with sound.begin() as conn:
        conn.execute(text("DELETE FROM ops.quarantine_reason"))
        key = conn.execute(text("SELECT quarantine_key FROM ops.quarantine")).scalar_one()
    assert validate(sound)["quarantined_record_has_a_reason"].examples == (str(key),)


def test_names_are_unique_and_every_check_says_its_rule_and_why() -> None:
    checks = [check for relation in SUITE for check in relation.checks]
    assert len({check.name for check in checks}) == len(checks)
    for check in checks:
        assert check.rule[0].islower()
        assert not check.rule.endswith(".")
        assert check.why.endswith(".")


def test_typo_in_a_column_is_refused_by_name_before_validation(warehouse: Engine) -> None:
    freshness = next(relation for relation in SUITE if relation.name == "freshness")
    typo = replace(freshness.checks[0], reads=("batch_age_minute",))
    message = "batch_is_recent reads an unknown column: batch_age_minute"
    with pytest.raises(ValidationError, match=message):
        validate_warehouse(warehouse, [replace(freshness, checks=(typo,))], now=NOW)


def test_typo_in_a_key_is_refused(warehouse: Engine) -> None:
    typo = Relation("freshness", "row_numbr", ())
    with pytest.raises(ValidationError, match=r"freshness\.sql has no column row_numbr"):
        validate_warehouse(warehouse, [typo], now=NOW)


def test_relation_that_does_not_fit_the_schema_is_refused_in_one_line(sound: Engine) -> None:
    with sound.begin() as conn:
        conn.execute(text("ALTER TABLE core.fact_sighting RENAME COLUMN left_at TO gone_at"))
    expected = r"^relations/sightings\.sql does not fit this warehouse: column .*left_at.*exist$"
    with pytest.raises(ValidationError, match=expected):
        validate(sound)


def test_the_clock_of_a_relation_is_an_argument() -> None:
    assert "CAST('2026-03-01T12:40:00+00:00' AS timestamptz)" in read_relation("freshness", NOW)
    assert ":now" not in read_relation("evidence", datetime(2026, 1, 1, tzinfo=UTC))


def test_validation_changes_nothing_and_leaves_no_connection(sound: Engine) -> None:
    validate(sound, NOW + timedelta(minutes=1))
    others = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
        " AND application_name <> 'silkwire'"
    )
    with sound.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
        for _ in range(300):  # the server notices a little later that a connection was closed
            if conn.execute(others).scalar_one() == 0:
                return
            time.sleep(0.1)
    pytest.fail("a connection was left")
