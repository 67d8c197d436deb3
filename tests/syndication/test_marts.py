"""Copies in the marts: one row a text, every carrier, and the origin as it was known then."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, text

from helpers.linkdesk import COPY, FLOOD, MINUTE, NOON, OTHER, LinkDesk
from silkwire.warehouse.queries import find_query, run_query


@pytest.fixture
def desk(warehouse: Engine) -> LinkDesk:
    return LinkDesk(warehouse)


def test_one_row_a_text_and_every_carrier_of_it(desk: LinkDesk, warehouse: Engine) -> None:
    desk.load(FLOOD, COPY, OTHER)
    _show_in_marts(warehouse)
    assert desk.query(
        "SELECT article_url, is_origin, origin_url, copy_count FROM mart.articles ORDER BY 1"
    ) == [
        (OTHER.url, True, OTHER.url, 0),
        (COPY.url, False, FLOOD.url, 1),
        (FLOOD.url, True, FLOOD.url, 1),
    ]
    assert desk.query(
        "SELECT outlet, article_url, is_origin, behind, reason FROM mart.article_copies"
        " WHERE origin_article_key = (SELECT min(article_key) FROM core.fact_article) ORDER BY 4"
    ) == [
        ("Wire", FLOOD.url, True, timedelta(), None),
        ("Post", COPY.url, False, MINUTE, "same lead"),
    ]


def test_the_origin_as_it_was_known_then(desk: LinkDesk, warehouse: Engine) -> None:
    second = replace(COPY, url="https://sun.example/1", outlet="Sun", at=NOON + 5 * MINUTE)
    desk.load(COPY, second, now=NOON + MINUTE)
    desk.load(FLOOD, now=NOON + 2 * MINUTE)
    _show_in_marts(warehouse)
    origins = (
        "SELECT article_url, is_origin, origin_url, copy_count"
        " FROM mart.articles_as_of('2026-03-01 12:0{}Z') ORDER BY 1"
    )
    assert desk.query(origins.format(1)) == [
        (COPY.url, True, COPY.url, 1),
        (second.url, False, COPY.url, 1),
    ]
    assert desk.query(origins.format(2)) == [
        (COPY.url, False, FLOOD.url, 2),
        (second.url, False, FLOOD.url, 2),
        (FLOOD.url, True, FLOOD.url, 2),
    ]


HOUR = timedelta(hours=1)
MIDNIGHT = NOON - 12 * HOUR


@pytest.mark.parametrize(
    ("published", "raw", "evidence"),
    [
        (NOON - HOUR, "Sun, 01 Mar 2026 11:00:00 GMT", "publication time"),
        (NOON - HOUR, "2026-03-01T11:00:00+00:00", "publication time"),
        (NOON - HOUR, None, "publication time"),
        (NOON - HOUR, "Sun, 01 Mar 2026 00:00 -1100", "first sighting"),
        (NOON - HOUR, "2026-03-01T00:00:00-11:00", "first sighting"),
        (MIDNIGHT, None, "first sighting"),
        (MIDNIGHT + MINUTE, "2026-03-01 00:01", "publication time"),
        (NOON + HOUR, "Sun, 01 Mar 2026 13:00:00 GMT", "first sighting"),
        (datetime(1970, 1, 1, 8, 0, 1, tzinfo=UTC), None, "first sighting"),
    ],
)
def test_the_origin_is_the_earliest_by_an_exact_time_of_publication_else_by_sighting(
    desk: LinkDesk,
    warehouse: Engine,
    published: datetime,
    raw: str | None,
    evidence: str,
) -> None:
    """FLOOD was read a minute before the copy, and has no date."""
    copy = replace(COPY, published=published, raw=raw)
    desk.load(FLOOD, copy)
    _show_in_marts(warehouse)
    origin = copy if evidence == "publication time" else FLOOD
    assert desk.query(
        "SELECT DISTINCT article_url, origin_evidence FROM mart.article_copies WHERE is_origin"
    ) == [(origin.url, evidence)]
    assert desk.query("SELECT article_url FROM mart.articles WHERE is_origin") == [(origin.url,)]
    behind = NOON - published if origin is copy else MINUTE
    assert desk.query("SELECT behind FROM mart.article_copies ORDER BY behind") == [
        (timedelta(),),
        (behind,),
    ]


@pytest.mark.parametrize("is_one_batch", [True, False], ids=["one batch", "two batches"])
def test_a_copy_published_earlier_becomes_the_origin_whenever_it_comes(
    desk: LinkDesk, *, is_one_batch: bool
) -> None:
    first = replace(FLOOD, published=NOON - HOUR)
    earlier = replace(COPY, at=NOON + HOUR, published=NOON - 2 * HOUR)
    for batch in [(first, earlier)] if is_one_batch else [(first,), (earlier,)]:
        desk.load(*batch)
    assert desk.links() == [(first.url, earlier.url)]


def test_the_question_who_broke_it_names_the_origin_first(
    desk: LinkDesk, warehouse: Engine
) -> None:
    title = FLOOD.title
    desk.load(
        replace(FLOOD, published=NOON - HOUR),
        replace(COPY, title=title, published=NOON - 2 * HOUR),
        replace(COPY, title=title, url="https://sun.example/1", outlet="Sun", published=MIDNIGHT),
    )
    _show_in_marts(warehouse)
    with warehouse.connect() as conn:
        values = {"words": "ferry crews", "until": "2026-03-02T00:00Z"}
        rows = run_query(conn, find_query("who_broke_it"), values).rows
    assert [(row[1], row[2]) for row in rows] == [("Post", 0), ("Wire", 60), ("Sun", 121)]
    (origin,) = desk.query("SELECT outlet FROM mart.article_copies WHERE is_origin")
    assert origin == ("Post",)


def _show_in_marts(engine: Engine) -> None:
    """Feeds, sightings and a topic, so that the marts show what `LinkDesk` loaded."""
    statements: Sequence[str] = (
        "INSERT INTO core.dim_feed (feed_key, feed_url, outlet_key, tags, topics, valid_from)"
        " SELECT outlet_key, outlet, outlet_key, '{}', '{}', now() FROM core.dim_outlet",
        "UPDATE core.fact_article AS article SET first_feed_key = outlet_key,"
        " current_revision_key = revision_key FROM core.article_revision AS revision"
        " WHERE revision.article_key = article.article_key",
        "UPDATE core.article_revision AS revision SET feed_key = first_feed_key"
        " FROM core.fact_article AS article WHERE revision.article_key = article.article_key",
        "INSERT INTO core.fact_sighting (article_key, feed_key, link, position, text_hash,"
        " revision_key, first_seen_at, batch_id, loaded_at) SELECT article_key, outlet_key,"
        " canonical_url, 0, 'x', current_revision_key, first_seen_at, batch_id, loaded_at"
        " FROM core.fact_article",
        "INSERT INTO core.dim_ruleset (version, first_used_at, adoptions)"
        " VALUES ('r', now(), '{2026-01-01 00:00Z}')",
        "INSERT INTO core.fact_topic_match (revision_key, topic_key, ruleset_key, is_match, score,"
        " loaded_at) SELECT revision_key, 1, ruleset_key, true, 0.9, loaded_at"
        " FROM core.article_revision, core.dim_ruleset",
    )
    with engine.begin() as conn:
        for statement in statements:
            conn.execute(text(statement))
