"""The rows that a row of core refers to exist, whoever writes it and whatever runs at once."""

from collections.abc import Iterator
from typing import Any

import pytest
from psycopg.errors import ForeignKeyViolation, LockNotAvailable
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from helpers.loading import MINUTE, NOON, Newsroom, entry

MATCH = (
    "INSERT INTO core.fact_topic_match"
    " (revision_key, topic_key, ruleset_key, is_match, score, loaded_at)"
    " SELECT min(revision_key), {topic}, {ruleset}, true, 1, now() FROM core.article_revision"
)
TRIED = (
    "INSERT INTO core.dim_ruleset (version, first_used_at, scored_at)"
    " VALUES ('tried', now(), now()) RETURNING ruleset_key"
)


@pytest.fixture
def room(warehouse: Engine) -> Newsroom:
    """Two articles of one feed."""
    room = Newsroom(warehouse)
    feed = room.add_feed("one")
    room.load((feed, [entry("AI one"), entry("AI two", "https://o.example/2", position=1)]))
    return room


@pytest.fixture
def conn(room: Newsroom) -> Iterator[Connection]:
    with room.engine.connect() as conn:
        yield conn


@pytest.fixture
def other(room: Newsroom) -> Iterator[Connection]:
    """A connection that does not wait for long."""
    with room.engine.connect() as conn:
        conn.exec_driver_sql("SET lock_timeout = '200ms'")
        conn.commit()
        yield conn


def refusal(conn: Connection, statement: str) -> str | None:
    """Run the statement; return the name of the foreign key that refused it."""
    with pytest.raises(DBAPIError) as refused:
        conn.exec_driver_sql(statement)
    conn.rollback()
    assert isinstance(refused.value.orig, ForeignKeyViolation)
    return refused.value.orig.diag.constraint_name


def one(conn: Connection, statement: str) -> Any:
    return conn.exec_driver_sql(statement).scalar_one()


@pytest.mark.parametrize(
    ("statement", "name"),
    [
        (MATCH.format(topic=99, ruleset=1), "fact_topic_match_topic_inserted"),
        (
            "UPDATE core.fact_topic_match SET revision_key = revision_key + 99",
            "fact_topic_match_revision_updated",
        ),
        (
            "INSERT INTO core.fact_topic_match"
            " (revision_key, topic_key, ruleset_key, is_match, score, loaded_at)"
            " VALUES (99, 1, 1, true, 1, now())",
            "fact_topic_match_revision_inserted",
        ),
        (
            "UPDATE core.topic_evidence SET match_key = match_key + 99",
            "topic_evidence_match_updated",
        ),
        (
            "INSERT INTO core.topic_evidence"
            " (match_key, span_number, field, start_offset, end_offset, text, rule, weight)"
            " VALUES (99, 1, 'title', 0, 2, 'AI', 'ai', 1)",
            "topic_evidence_match_inserted",
        ),
        (MATCH.format(topic=1, ruleset=99), "fact_topic_match_ruleset_inserted"),
        (
            "UPDATE core.fact_topic_match SET topic_key = topic_key + 99",
            "fact_topic_match_topic_updated",
        ),
        ("UPDATE core.fact_topic_match SET ruleset_key = 99", "fact_topic_match_ruleset_updated"),
        ("UPDATE core.fact_article SET outlet_key = 99", "fact_article_outlet_updated"),
        (
            "INSERT INTO core.fact_article (identity_kind, identity_hash, first_feed_key,"
            " outlet_key, first_seen_at, batch_id, loaded_at)"
            " SELECT 'url', '\\x01', 1, 99, now(), 'b', now()",
            "fact_article_outlet_inserted",
        ),
    ],
)
def test_a_fact_of_nothing_is_refused(conn: Connection, statement: str, name: str) -> None:
    assert refusal(conn, statement) == name


def test_copy_is_refused_as_well_and_the_message_says_which_key(conn: Connection) -> None:
    key = one(conn, "SELECT max(revision_key) FROM core.article_revision")
    driver: Any = conn.connection.driver_connection
    with (
        pytest.raises(
            ForeignKeyViolation,
            match=r"topic_key of core\.fact_topic_match is 99, which is not in core\.dim_topic",
        ),
        driver.cursor() as cursor,
        cursor.copy(
            "COPY core.fact_topic_match (revision_key, topic_key, ruleset_key, is_match, score,"
            " loaded_at) FROM STDIN"
        ) as copy,
    ):
        copy.write(f"{key}\t99\t1\tt\t1\t2026-03-01\n")


@pytest.mark.parametrize(
    ("statement", "name"),
    [
        ("DELETE FROM core.dim_topic", "fact_topic_match_topic_deleted"),
        ("DELETE FROM core.dim_ruleset", "fact_topic_match_ruleset_deleted"),
        ("DELETE FROM core.dim_outlet", "fact_article_outlet_deleted"),
    ],
)
def test_a_dimension_that_facts_name_cannot_be_deleted(
    conn: Connection, statement: str, name: str
) -> None:
    conn.exec_driver_sql("DELETE FROM core.dim_feed")  # its own reference to the outlet
    conn.commit()
    assert refusal(conn, statement) == name


def test_rules_that_no_fact_names_can_be_deleted(conn: Connection) -> None:
    key = one(conn, TRIED)
    conn.exec_driver_sql(f"DELETE FROM core.dim_ruleset WHERE ruleset_key = {key}")
    assert one(conn, "SELECT count(*) FROM core.dim_ruleset WHERE version = 'tried'") == 0


def test_rules_in_use_by_a_load_under_way_cannot_be_deleted_beside_it(
    conn: Connection, other: Connection
) -> None:
    key = one(conn, TRIED)
    conn.commit()
    conn.exec_driver_sql(MATCH.format(topic=1, ruleset=key))
    with pytest.raises(DBAPIError) as waited:
        other.exec_driver_sql(f"DELETE FROM core.dim_ruleset WHERE ruleset_key = {key}")
    assert isinstance(waited.value.orig, LockNotAvailable)
    other.rollback()
    conn.commit()
    deletion = f"DELETE FROM core.dim_ruleset WHERE ruleset_key = {key}"
    assert refusal(other, deletion) == "fact_topic_match_ruleset_deleted"


def test_a_load_waits_for_rules_that_are_being_deleted(conn: Connection, other: Connection) -> None:
    key = one(conn, TRIED)
    conn.commit()
    conn.exec_driver_sql(f"DELETE FROM core.dim_ruleset WHERE ruleset_key = {key}")
    with pytest.raises(DBAPIError) as waited:
        other.exec_driver_sql(MATCH.format(topic=1, ruleset=key))
    assert isinstance(waited.value.orig, LockNotAvailable)
    other.rollback()
    conn.commit()
    statement = MATCH.format(topic=1, ruleset=key)
    assert refusal(other, statement) == "fact_topic_match_ruleset_inserted"


def test_a_feed_shows_a_text_of_the_article_itself(conn: Connection) -> None:
    swapped = (
        "UPDATE core.fact_sighting SET revision_key = revision.revision_key"
        " FROM core.article_revision AS revision"
        " WHERE revision.article_key <> fact_sighting.article_key"
    )
    assert refusal(conn, swapped) == "fact_sighting_revision_fk"


def test_a_deleted_article_takes_all_that_is_its_own_with_it(conn: Connection) -> None:
    conn.exec_driver_sql("DELETE FROM core.fact_article WHERE article_key = 1")
    counts = {
        table: one(conn, f"SELECT count(*) FROM core.{table}")
        for table in ("article_revision", "fact_sighting", "fact_topic_match", "topic_evidence")
    }
    assert counts == {
        "article_revision": 1,
        "fact_sighting": 1,
        "fact_topic_match": 2,
        "topic_evidence": 1,
    }


def test_a_table_that_is_emptied_takes_all_that_is_its_own_with_it(conn: Connection) -> None:
    conn.exec_driver_sql("TRUNCATE core.fact_article CASCADE")
    assert one(conn, "SELECT count(*) FROM core.fact_topic_match") == 0
    assert one(conn, "SELECT count(*) FROM core.topic_evidence") == 0


DECISION = (
    "INSERT INTO core.fact_topic_match"
    " (revision_key, topic_key, ruleset_key, is_match, score, loaded_at)"
    " VALUES (1, 1, {ruleset}, true, 1, now())"
)
DELETION = "DELETE FROM core.article_revision WHERE revision_key = 1"


def test_a_text_that_is_being_judged_is_deleted_with_the_decision(
    conn: Connection, other: Connection
) -> None:
    key = one(conn, TRIED)
    conn.commit()
    conn.exec_driver_sql(DECISION.format(ruleset=key))
    with pytest.raises(DBAPIError) as waited:
        other.exec_driver_sql(DELETION)
    assert isinstance(waited.value.orig, LockNotAvailable)
    other.rollback()
    conn.commit()
    other.exec_driver_sql("UPDATE core.fact_article SET current_revision_key = NULL")
    other.exec_driver_sql(DELETION)
    other.commit()
    assert one(conn, "SELECT count(*) FROM core.fact_topic_match WHERE revision_key = 1") == 0


def test_a_decision_waits_for_its_text_that_is_being_deleted(
    conn: Connection, other: Connection
) -> None:
    key = one(conn, TRIED)
    conn.exec_driver_sql("UPDATE core.fact_article SET current_revision_key = NULL")
    conn.commit()
    conn.exec_driver_sql(DELETION)
    with pytest.raises(DBAPIError) as waited:
        other.exec_driver_sql(DECISION.format(ruleset=key))
    assert isinstance(waited.value.orig, LockNotAvailable)
    other.rollback()
    conn.commit()
    assert refusal(other, DECISION.format(ruleset=key)) == "fact_topic_match_revision_inserted"


def test_what_one_transaction_wrote_is_found_within_it_savepoints_too(conn: Connection) -> None:
    key = one(conn, TRIED)
    with conn.begin_nested():
        other_key = one(conn, TRIED.replace("tried", "tried again"))
    conn.exec_driver_sql(DECISION.format(ruleset=key))
    conn.exec_driver_sql(DECISION.format(ruleset=other_key))
    assert one(conn, "SELECT count(*) FROM core.fact_topic_match WHERE revision_key = 1") == 4


def test_loads_do_not_use_up_the_keys_of_topics(room: Newsroom, conn: Connection) -> None:
    before = one(conn, "SELECT last_value FROM core.dim_topic_topic_key_seq")
    feed = room.add_feed("two")
    for minute in range(3):
        room.load((feed, [entry(f"AI {minute}")]), at=NOON + minute * MINUTE)
    conn.rollback()
    assert one(conn, "SELECT last_value FROM core.dim_topic_topic_key_seq") == before
