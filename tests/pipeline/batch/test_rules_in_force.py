"""Which rules decide: those of the batch that was begun last, whatever is loaded or tried since."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine, text

from helpers.loading import NOON, Newsroom, entry
from helpers.newsstand import ask

HOUR = timedelta(hours=1)


@pytest.fixture
def newsroom(warehouse: Engine) -> Newsroom:
    return Newsroom(warehouse)


def judge(engine: Engine, version: str, *, is_match: bool) -> None:
    """As if rules of this version had been tried on every text."""
    with engine.begin() as conn:
        conn.execute(
            text(
                "INSERT INTO core.dim_ruleset (version, first_used_at) VALUES (:version, :at)"
                " ON CONFLICT DO NOTHING"
            ),
            {"version": version, "at": NOON},
        )
        conn.execute(
            text(
                "INSERT INTO core.fact_topic_match"
                " (revision_key, topic_key, ruleset_key, is_match, score, loaded_at)"
                " SELECT revision_key, topic_key, ruleset_key, :is_match, 0, :at"
                " FROM core.article_revision, core.dim_topic, core.dim_ruleset"
                " WHERE topic = 'ai' AND version = :version ON CONFLICT DO NOTHING"
            ),
            {"version": version, "is_match": is_match, "at": NOON},
        )


def titles(engine: Engine) -> list[object]:
    return [row[0] for row in ask(engine, "SELECT title FROM mart.articles ORDER BY title")]


def test_rules_that_were_only_tried_decide_nothing(newsroom: Newsroom) -> None:
    post = newsroom.add_feed("post")
    newsroom.load((post, [entry("AI one", "https://o.example/1")]), ruleset="old")
    judge(newsroom.engine, "tried", is_match=False)
    assert titles(newsroom.engine) == ["AI one"]
    assert ask(newsroom.engine, "SELECT count(*) FROM mart.articles_as_of('infinity')") == [(1,)]


def test_rules_come_into_force_with_a_batch_and_old_ones_may_come_back(newsroom: Newsroom) -> None:
    post, engine = newsroom.add_feed("post"), newsroom.engine
    newsroom.load((post, [entry("AI one", "https://o.example/1")]), ruleset="old")
    judge(engine, "new", is_match=False)
    newsroom.load((post, []), ruleset="new", at=NOON + HOUR)
    assert titles(engine) == []
    newsroom.load((post, []), ruleset="old", at=NOON + 2 * HOUR)
    newsroom.load((post, []), ruleset="old", at=NOON + 3 * HOUR)
    assert titles(engine) == ["AI one"]
    assert ask(engine, "SELECT version, adoptions FROM core.dim_ruleset ORDER BY ruleset_key") == [
        ("old", [NOON, NOON + 2 * HOUR]),
        ("new", [NOON + HOUR]),
    ]
    # What was known is told by the rules of then.
    known = [
        ask(engine, "SELECT count(*) FROM mart.articles_as_of(:at)", {"at": NOON + hours * HOUR})
        for hours in range(4)
    ]
    assert known == [[(1,)], [(0,)], [(1,)], [(1,)]]


def test_a_batch_that_is_released_late_does_not_bring_old_rules_back(newsroom: Newsroom) -> None:
    post, wire = newsroom.add_feed("post"), newsroom.add_feed("wire")
    newsroom.load((post, [entry("AI one", "https://o.example/1")]), ruleset="old")
    newsroom.load(
        (wire, [entry("AI two", "https://o.example/2")]),
        ruleset="old", at=NOON + HOUR, verdict="held",
    )  # fmt: skip
    judge(newsroom.engine, "new", is_match=False)
    newsroom.load((post, []), ruleset="new", at=NOON + 2 * HOUR)
    newsroom.release("batch-2", NOON + 3 * HOUR)
    assert titles(newsroom.engine) == ["AI two"]
    judge(newsroom.engine, "new", is_match=False)
    assert titles(newsroom.engine) == []


def test_a_text_that_moves_keeps_what_tried_rules_said_of_it(newsroom: Newsroom) -> None:
    post, wire = newsroom.add_feed("post"), newsroom.add_feed("wire")
    newsroom.load((wire, [entry("AI one")]), at=NOON + HOUR, verdict="held")
    newsroom.load((post, [entry("AI one")]), at=NOON + 2 * HOUR)
    with newsroom.engine.begin() as conn:
        conn.execute(
            text(
                "WITH rules AS (INSERT INTO core.dim_ruleset (version, first_used_at, scored_at)"
                " VALUES ('tried', now(), now()) RETURNING ruleset_key)"
                " INSERT INTO core.fact_topic_match (revision_key, topic_key, ruleset_key,"
                " is_match, score, loaded_at)"
                " SELECT revision_key, topic_key, rules.ruleset_key, false, 0, :at"
                " FROM core.article_revision, core.dim_topic, rules"
            ),
            {"at": NOON + 2 * HOUR + timedelta(minutes=1)},
        )
    newsroom.release("batch-1", NOON + 3 * HOUR)
    assert ask(
        newsroom.engine,
        "SELECT version, count(*) FROM core.fact_topic_match JOIN core.dim_ruleset"
        " USING (ruleset_key) GROUP BY version ORDER BY version",
    ) == [("rules-1", 2), ("tried", 2)]
