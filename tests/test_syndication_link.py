"""Which articles are linked as copies, on a real PostgreSQL."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from threading import Thread
from typing import Any

import pytest
from sqlalchemy import Engine, text

from silkwire.syndication import Linked, link_copies
from silkwire.syndication.link import BAND_CANDIDATES

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
WINDOW = 14 * DAY
WORDS = ["river", "harbour", "market", "council", "teacher", "engine", "forest", "winter"]


@dataclass(frozen=True)
class Story:
    url: str
    title: str
    lead: str | None = None
    outlet: str = "Wire"
    at: datetime = NOON


FLOOD = Story(
    "https://wire.example/flood",
    "Ferry crews stranded as the river Ansa floods three harbours",
    "Some 400 passengers spent the night on two ferries near Port Ansa after the river rose by"
    " three metres within hours, the harbour office said on Monday.",
)
COPY = replace(
    FLOOD,
    url="https://post.example/ferries",
    title="Hundreds spend a night on the water",
    outlet="Post",
    at=NOON + MINUTE,
)
OTHER = Story(
    "https://gazette.example/tax",
    "Council of Port Ansa drops the tax on small boats",
    "Owners of boats under six metres will pay nothing from July, the mayor told a meeting.",
    "Gazette",
    NOON + 2 * MINUTE,
)


class Desk:
    """Articles straight into the tables, as the load leaves them, and then linked."""

    def __init__(self, engine: Engine):
        self.engine = engine
        self.batch_numbers = count(1)

    def load(self, *stories: Story, now: datetime = NOON, window: timedelta = WINDOW) -> Linked:
        batch_id = f"batch-{next(self.batch_numbers)}"
        with self.engine.begin() as conn:
            for story in stories:
                conn.execute(_INSERT, {**vars(story), "batch_id": batch_id, "now": now})
            return link_copies(conn, batch_id, window=window, now=now)

    def link_again(self, batch_id: str) -> Linked:
        with self.engine.begin() as conn:
            return link_copies(conn, batch_id, window=WINDOW, now=NOON)

    def query(self, statement: str) -> list[tuple[Any, ...]]:
        with self.engine.begin() as conn:
            return [tuple(row) for row in conn.execute(text(statement))]

    def empty(self) -> None:
        with self.engine.begin() as conn:
            conn.execute(text("TRUNCATE core.fact_article, ops.article_band CASCADE"))

    def links(self) -> list[tuple[str, str]]:
        return self.query(
            "SELECT article.canonical_url, origin.canonical_url FROM core.article_copy AS copy"
            " JOIN core.fact_article AS article USING (article_key)"
            " JOIN core.fact_article AS origin ON origin.article_key = copy.origin_article_key"
            " WHERE replaced_at IS NULL ORDER BY 1"
        )


_INSERT = text(
    "WITH known AS (INSERT INTO core.dim_outlet (outlet) VALUES (:outlet)"
    "  ON CONFLICT (outlet) DO UPDATE SET outlet = excluded.outlet RETURNING outlet_key),"
    " article AS (INSERT INTO core.fact_article (identity_kind, identity_hash, canonical_url,"
    "  first_feed_key, outlet_key, first_seen_at, batch_id, loaded_at)"
    "  SELECT 'url', sha256(convert_to(:url, 'UTF8')), :url, 1, outlet_key, :at, :batch_id, :now"
    "  FROM known RETURNING article_key)"
    " INSERT INTO core.article_revision (article_key, feed_key, revision_number, kind, title,"
    "  summary, text_hash, recorded_from, loaded_at, batch_id)"
    " SELECT article_key, 1, 1, 'inserted', :title, :lead, sha256(convert_to(:title, 'UTF8')),"
    "  :at, :now, :batch_id FROM article"
)


@pytest.fixture
def desk(warehouse: Engine) -> Desk:
    return Desk(warehouse)


@pytest.mark.parametrize("is_one_batch", [True, False], ids=["one batch", "two batches"])
def test_a_text_under_a_second_url_is_linked_to_the_first(desk: Desk, is_one_batch: bool) -> None:
    if is_one_batch:
        assert desk.load(FLOOD, COPY, OTHER) == Linked(articles=3, candidates=1, links=1)
    else:
        desk.load(FLOOD, OTHER)
        assert desk.load(COPY) == Linked(articles=1, candidates=1, links=1)
    assert desk.links() == [(COPY.url, FLOOD.url)]
    assert desk.query("SELECT similarity, reason FROM core.article_copy") == [(1.0, "same lead")]


LETTERS = [
    Story(
        f"https://times.example/{number}",
        title,
        "The Times Lifestyle letter brings you stories on family, travel, food and neighbours.",
        "Times",
    )
    for number, title in enumerate(
        ("Dog paints stars", "Thirteen suitcases at a door", "A library goes quiet", "Old ferry"), 1
    )
]


def test_a_lead_that_an_outlet_puts_under_many_titles_links_nothing(desk: Desk) -> None:
    assert desk.load(*LETTERS).candidates == 6
    assert desk.links() == []


def test_a_series_is_known_by_what_came_before(desk: Desk) -> None:
    """The second letter still looks like a copy of the first, however the batches are cut."""
    letters = [replace(story, at=NOON + n * MINUTE) for n, story in enumerate(LETTERS)]
    desk.load(*letters)
    assert desk.links() == [(LETTERS[1].url, LETTERS[0].url)]
    desk.empty()
    for story in letters:
        desk.load(story)
    assert desk.links() == [(LETTERS[1].url, LETTERS[0].url)]


def test_linking_the_same_batch_again_changes_nothing(desk: Desk) -> None:
    desk.load(FLOOD, COPY)
    before = desk.query("SELECT * FROM core.article_copy")
    assert desk.link_again("batch-1").links == 0
    assert desk.query("SELECT * FROM core.article_copy") == before


def test_an_earlier_carrier_that_comes_later_becomes_the_origin(desk: Desk) -> None:
    desk.load(COPY)
    desk.load(replace(COPY, url="https://sun.example/1", outlet="Sun", at=NOON + 5 * MINUTE))
    desk.load(FLOOD, now=NOON + MINUTE)
    assert desk.links() == [
        (COPY.url, FLOOD.url),
        ("https://sun.example/1", FLOOD.url),
    ]
    assert desk.query("SELECT linked_at, replaced_at FROM core.article_copy ORDER BY 1, 2") == [
        (NOON, NOON + MINUTE),
        (NOON + MINUTE, None),
        (NOON + MINUTE, None),
    ]


def test_of_two_seen_at_once_the_smaller_url_is_the_origin(desk: Desk) -> None:
    desk.load(replace(FLOOD, at=NOON), replace(COPY, at=NOON))
    assert desk.links() == [(FLOOD.url, COPY.url)]


def test_two_groups_that_a_third_text_joins_become_one(desk: Desk) -> None:
    lead = COPY.lead or ""
    start, end = lead[: len(lead) // 2], lead[len(lead) // 3 :]
    first = replace(FLOOD, lead=start)
    second = replace(COPY, title="The river Ansa and its ferry crews", lead=end)
    desk.load(first, second)
    assert desk.links() == []
    whole = replace(FLOOD, url="https://sun.example/1", outlet="Sun", at=NOON + DAY)
    desk.load(whole)
    assert desk.query(
        "SELECT canonical_url, reason FROM core.article_copy JOIN core.fact_article"
        " USING (article_key) ORDER BY 1"
    ) == [(second.url, "through another copy"), (whole.url, "same lead")]


@pytest.mark.parametrize(("gap", "is_linked"), [(14 * DAY, True), (14 * DAY + MINUTE, False)])
def test_texts_are_compared_within_the_window_only(
    desk: Desk, gap: timedelta, is_linked: bool
) -> None:
    desk.load(FLOOD)
    desk.load(replace(COPY, at=NOON + gap), now=NOON + gap)
    assert (desk.links() == [(COPY.url, FLOOD.url)]) is is_linked


def test_a_window_of_nothing_links_nothing(desk: Desk) -> None:
    assert desk.load(FLOOD, COPY, window=timedelta()) == Linked(articles=2)
    assert desk.query("SELECT count(*) FROM ops.article_band") == [(0,)]


def test_groups_do_not_depend_on_the_order_of_the_load(desk: Desk, admin: Engine) -> None:
    stories = [FLOOD, COPY, OTHER, *_make_stories(40, random.Random(5))]
    desk.load(*stories)
    expected = desk.links()
    assert len(expected) >= 10
    desk.empty()
    random.Random(6).shuffle(stories)
    for start in range(0, len(stories), 7):
        desk.load(*stories[start : start + 7])
    assert desk.links() == expected


def _make_stories(number_of: int, chance: random.Random) -> list[Story]:
    """Stories of eleven words in any order; each third is carried by two more outlets."""
    stories = []
    for number in range(number_of):
        words = [f"{chance.choice(WORDS)}{chance.randrange(9)}x" for _ in range(30)]
        title, lead = " ".join(words[:8]), " ".join(words[8:])
        for carrier in range(3 if number % 3 == 0 else 1):
            url = f"https://o{carrier}.example/{number}"
            at = NOON + timedelta(minutes=number, seconds=carrier)
            stories.append(Story(url, title, lead, f"Outlet {carrier}", at))
    return stories


def test_what_everybody_repeats_does_not_cost_its_square(desk: Desk) -> None:
    carriers = 200
    stories = [
        replace(FLOOD, url=f"https://o{n}.example/1", outlet=f"Outlet {n}", at=NOON + n * MINUTE)
        for n in range(carriers)
    ]
    linked = desk.load(*stories)
    assert linked.candidates <= carriers * BAND_CANDIDATES
    assert linked.links == carriers - 1


def test_bands_are_forgotten_when_nothing_can_meet_them_any_more(desk: Desk) -> None:
    desk.load(FLOOD)
    later = NOON + 2 * WINDOW + DAY
    desk.load(replace(OTHER, at=later), now=later)
    assert desk.query(
        "SELECT DISTINCT canonical_url FROM ops.article_band JOIN core.fact_article"
        " USING (article_key)"
    ) == [(OTHER.url,)]


def test_the_bands_of_an_article_that_was_deleted_are_passed_over(desk: Desk) -> None:
    desk.load(FLOOD)
    desk.query("DELETE FROM core.fact_article RETURNING article_key")
    assert desk.load(COPY) == Linked(articles=1, candidates=1)


def test_a_later_revision_changes_no_link(desk: Desk) -> None:
    desk.load(FLOOD, COPY)
    desk.query(
        "WITH article AS (SELECT article_key FROM core.fact_article WHERE canonical_url LIKE"
        " '%post%') INSERT INTO core.article_revision (article_key, feed_key, revision_number,"
        " kind, title, text_hash, recorded_from, loaded_at, batch_id) SELECT article_key, 1, 2,"
        " 'revised', 'Another story', 'x', now(), now(), 'batch-9' FROM article"
        " RETURNING article_key"
    )
    assert desk.link_again("batch-9") == Linked()
    assert desk.links() == [(COPY.url, FLOOD.url)]


def test_two_loads_at_once_find_each_other(desk: Desk) -> None:
    threads = [Thread(target=desk.load, args=(story,)) for story in (FLOOD, COPY)]
    desk.load(OTHER)
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert desk.links() == [(COPY.url, FLOOD.url)]


@pytest.mark.parametrize(
    "nasty",
    ["'); DROP TABLE core.article_copy; --", "\\copy x from 'y'", "=HYPERLINK(1)", "%(x)s :key"],
)
def test_text_of_a_feed_is_never_sql(desk: Desk, nasty: str) -> None:
    lead = f"{nasty} {FLOOD.lead}"
    desk.load(replace(FLOOD, lead=lead, title=nasty), replace(COPY, lead=lead))
    assert desk.links() == [(COPY.url, FLOOD.url)]


def test_an_article_without_words_is_compared_with_nothing(desk: Desk) -> None:
    blank = [replace(FLOOD, url=f"https://b.example/{n}", title="", lead=None) for n in range(3)]
    assert desk.load(*blank) == Linked(articles=3)


def test_one_row_a_text_and_every_carrier_of_it(desk: Desk, warehouse: Engine) -> None:
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


def test_the_origin_as_it_was_known_then(desk: Desk, warehouse: Engine) -> None:
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
    """Feeds, sightings and a topic, so that the marts show what `Desk` loaded."""
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
