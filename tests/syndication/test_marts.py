"""Copies in the marts: one row a text, every carrier, and the origin as it was known then."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Engine, text

from helpers.linkdesk import COPY, FLOOD, MINUTE, NOON, OTHER, LinkDesk


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
