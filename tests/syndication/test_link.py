"""Which articles are linked as copies, on a real PostgreSQL."""

import random
from dataclasses import replace
from datetime import timedelta
from threading import Thread

import pytest
from sqlalchemy import Engine

from helpers.linkdesk import COPY, DAY, FLOOD, MINUTE, NOON, OTHER, WINDOW, LinkDesk, Story
from silkwire.syndication import Linked
from silkwire.syndication.link import BAND_CANDIDATES

WORDS = ["river", "harbour", "market", "council", "teacher", "engine", "forest", "winter"]


@pytest.fixture
def desk(warehouse: Engine) -> LinkDesk:
    return LinkDesk(warehouse)


@pytest.mark.parametrize("is_one_batch", [True, False], ids=["one batch", "two batches"])
def test_a_text_under_a_second_url_is_linked_to_the_first(
    desk: LinkDesk, is_one_batch: bool
) -> None:
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


def test_a_lead_that_an_outlet_puts_under_many_titles_links_nothing(desk: LinkDesk) -> None:
    assert desk.load(*LETTERS).candidates == 6
    assert desk.links() == []


@pytest.mark.parametrize("is_one_batch", [True, False], ids=["one batch", "ten batches"])
def test_daily_updates_under_one_standing_lead_are_ten_texts(
    desk: LinkDesk, is_one_batch: bool
) -> None:
    happened = (
        "harbour dredged", "mayor resigns", "tram derails", "budget passes", "school closes",
        "bridge opens", "ferry sold", "rain forecast", "hospital grows", "market burns",
    )  # fmt: skip
    updates = [
        Story(
            f"https://times.example/five-{number}",
            f"Five things you need to know on day {number}: {event}",
            "Five things you need to know before you leave the house this morning, from The Times.",
            "Times",
            NOON + number * DAY,
        )
        for number, event in enumerate(happened, 1)
    ]
    for batch in [updates] if is_one_batch else [[update] for update in updates]:
        desk.load(*batch)
    assert desk.links() == []


def test_two_articles_of_one_outlet_under_a_standing_lead_are_two_texts(desk: LinkDesk) -> None:
    """The second is not known as part of a series yet: only the titles tell them apart."""
    desk.load(LETTERS[0])
    desk.load(replace(LETTERS[1], at=NOON + MINUTE))
    assert desk.links() == []


def test_linking_the_same_batch_again_changes_nothing(desk: LinkDesk) -> None:
    desk.load(FLOOD, COPY)
    before = desk.query("SELECT * FROM core.article_copy")
    assert desk.link_again("batch-1").links == 0
    assert desk.query("SELECT * FROM core.article_copy") == before


def test_an_earlier_carrier_that_comes_later_becomes_the_origin(desk: LinkDesk) -> None:
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


def test_of_two_seen_at_once_the_smaller_url_is_the_origin(desk: LinkDesk) -> None:
    desk.load(replace(FLOOD, at=NOON), replace(COPY, at=NOON))
    assert desk.links() == [(FLOOD.url, COPY.url)]


def test_two_groups_that_a_third_text_joins_become_one(desk: LinkDesk) -> None:
    lead = COPY.lead or ""
    start, end = lead[: len(lead) // 2], lead[len(lead) // 6 :]
    first = replace(FLOOD, lead=start)
    second = replace(COPY, title="River Ansa floods three harbours: ferry crews stranded", lead=end)
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
    desk: LinkDesk, gap: timedelta, is_linked: bool
) -> None:
    desk.load(FLOOD)
    desk.load(replace(COPY, at=NOON + gap), now=NOON + gap)
    assert (desk.links() == [(COPY.url, FLOOD.url)]) is is_linked


def test_a_window_of_nothing_links_nothing(desk: LinkDesk) -> None:
    assert desk.load(FLOOD, COPY, window=timedelta()) == Linked(articles=2)
    assert desk.query("SELECT count(*) FROM ops.article_band") == [(0,)]


def test_groups_do_not_depend_on_the_order_of_the_load(desk: LinkDesk, admin: Engine) -> None:
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


def test_what_everybody_repeats_does_not_cost_its_square(desk: LinkDesk) -> None:
    carriers = 200
    stories = [
        replace(FLOOD, url=f"https://o{n}.example/1", outlet=f"Outlet {n}", at=NOON + n * MINUTE)
        for n in range(carriers)
    ]
    linked = desk.load(*stories)
    assert linked.candidates <= carriers * BAND_CANDIDATES
    assert linked.links == carriers - 1


def test_bands_are_forgotten_when_nothing_can_meet_them_any_more(desk: LinkDesk) -> None:
    desk.load(FLOOD)
    later = NOON + 2 * WINDOW + DAY
    desk.load(replace(OTHER, at=later), now=later)
    assert desk.query(
        "SELECT DISTINCT canonical_url FROM ops.article_band JOIN core.fact_article"
        " USING (article_key)"
    ) == [(OTHER.url,)]


def test_the_bands_of_an_article_that_was_deleted_are_passed_over(desk: LinkDesk) -> None:
    desk.load(FLOOD)
    desk.query("DELETE FROM core.fact_article RETURNING article_key")
    assert desk.load(COPY) == Linked(articles=1, candidates=1)


def test_a_later_revision_changes_no_link(desk: LinkDesk) -> None:
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


def test_two_loads_at_once_find_each_other(desk: LinkDesk) -> None:
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
def test_text_of_a_feed_is_never_sql(desk: LinkDesk, nasty: str) -> None:
    lead = f"{nasty} {FLOOD.lead}"
    desk.load(replace(FLOOD, lead=lead, title=nasty), replace(COPY, lead=lead))
    assert desk.links() == [(COPY.url, FLOOD.url)]


def test_an_article_without_words_is_compared_with_nothing(desk: LinkDesk) -> None:
    blank = [replace(FLOOD, url=f"https://b.example/{n}", title="", lead=None) for n in range(3)]
    assert desk.load(*blank) == Linked(articles=3)
