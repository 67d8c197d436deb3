"""Every sentence of the design on identity, revisions and the five counts, on a real PostgreSQL."""

import pytest
from sqlalchemy import Engine, text

from helpers.loading import MINUTE, NOON, Newsroom, entry
from silkwire.load import StagedCounts
from silkwire.model import ArticleCounts, EntryCounts, ParsedEntry


@pytest.fixture
def room(warehouse: Engine) -> Newsroom:
    return Newsroom(warehouse)


def test_a_new_on_topic_entry_is_inserted_with_its_evidence(room: Newsroom) -> None:
    feed = room.add_feed("one")
    loaded = room.load((feed, [entry("AI news")]))
    assert loaded.entries == EntryCounts(fetched=1, accepted=1)
    assert loaded.articles == ArticleCounts(inserted=1)
    assert room.query("SELECT title, topics, feed_count, edit_count FROM mart.articles") == [
        ("AI news", ["ai"], 1, 0)
    ]
    assert room.query("SELECT matched_text, start_offset, rule FROM mart.why_matched") == [
        ("AI", 0, "ai.name")
    ]


def test_the_same_document_again_inserts_nothing(room: Newsroom) -> None:
    feed = room.add_feed("one")
    document = (feed, [entry("AI news"), entry("sport", "https://o.example/2", position=1)])
    room.load(document)
    again = room.load(document, at=NOON + MINUTE)
    assert again.entries == EntryCounts(fetched=2, unchanged=1, off_topic=1)
    assert again.articles == ArticleCounts()


def test_a_to_b_to_a_is_three_revisions(room: Newsroom) -> None:
    feed = room.add_feed("one")
    for minute, title in enumerate(["AI: A", "AI: B", "AI: A"]):
        room.load((feed, [entry(title)]), at=NOON + minute * MINUTE)
    assert room.timeline("https://o.example/1") == [
        (feed, 1, "inserted", "AI: A"),
        (feed, 2, "revised", "AI: B"),
        (feed, 3, "revised", "AI: A"),
    ]
    assert room.query("SELECT title_before, title_after, changed FROM mart.article_edits") == [
        ("AI: A", "AI: B", ["title"]),
        ("AI: B", "AI: A", ["title"]),
    ]


def test_an_edit_that_leaves_the_topic_is_kept_since_the_article_is_known(room: Newsroom) -> None:
    feed = room.add_feed("one")
    room.load((feed, [entry("AI news")]))
    edited = room.load((feed, [entry("news")]), at=NOON + MINUTE)
    assert edited.articles == ArticleCounts(revised=1)
    assert room.query("SELECT title, topics FROM mart.articles") == [("news", ["ai"])]


@pytest.mark.parametrize("is_one_batch", [True, False], ids=["one batch", "two batches"])
def test_another_feed_with_the_same_text_is_a_sighting(room: Newsroom, is_one_batch: bool) -> None:
    one, two = room.add_feed("one"), room.add_feed("two")
    documents = [(one, [entry("AI news")]), (two, [entry("AI news")])]
    loads = _load(room, documents, is_one_batch)
    assert sum((_pair(loaded) for loaded in loads), start=_Sum()) == (1, 0, 0, 1)
    assert room.query("SELECT feed_key, text_hash IS NULL FROM core.fact_sighting ORDER BY 1") == [
        (one, False),
        (two, False),
    ]
    assert room.timeline("https://o.example/1") == [(one, 1, "inserted", "AI news")]


@pytest.mark.parametrize("is_one_batch", [True, False], ids=["one batch", "two batches"])
def test_another_feeds_differing_first_text_is_a_variant_and_no_edit(
    room: Newsroom, is_one_batch: bool
) -> None:
    one, two = room.add_feed("one"), room.add_feed("two")
    loads = _load(room, [(one, [entry("AI news")]), (two, [entry("News")])], is_one_batch)
    assert sum((_pair(loaded) for loaded in loads), start=_Sum()) == (1, 0, 1, 0)
    assert room.query("SELECT title, edit_count, feed_count FROM mart.articles") == [
        ("AI news", 0, 2)
    ]


@pytest.mark.parametrize("is_one_batch", [True, False], ids=["one batch", "two batches"])
def test_an_off_topic_text_before_the_first_carrier_stays_off_topic(
    room: Newsroom, is_one_batch: bool
) -> None:
    one, two = room.add_feed("one"), room.add_feed("two")
    loads = _load(room, [(one, [entry("News")]), (two, [entry("AI news")])], is_one_batch)
    assert [sum(loaded.entries.off_topic for loaded in loads)] == [1]
    assert room.timeline("https://o.example/1") == [(two, 1, "inserted", "AI news")]


@pytest.mark.parametrize("is_one_batch", [True, False], ids=["one batch", "two batches"])
def test_a_feed_that_first_shows_the_edited_text_is_unchanged(
    room: Newsroom, is_one_batch: bool
) -> None:
    one, two = room.add_feed("one"), room.add_feed("two")
    room.load((one, [entry("AI old")]), at=NOON - MINUTE)
    loads = _load(room, [(one, [entry("AI new")]), (two, [entry("AI new")])], is_one_batch)
    assert sum((_pair(loaded) for loaded in loads), start=_Sum()) == (0, 1, 0, 1)


def test_revisions_compare_with_that_feeds_previous_text_only(room: Newsroom) -> None:
    one, two = room.add_feed("one"), room.add_feed("two")
    room.load((one, [entry("AI a")]), (two, [entry("AI a")]))
    room.load((one, [entry("AI b")]), at=NOON + MINUTE)
    same = room.load((two, [entry("AI a")]), at=NOON + 2 * MINUTE)
    assert same.entries == EntryCounts(fetched=1, unchanged=1)
    room.load((two, [entry("AI b")]), at=NOON + 3 * MINUTE)
    assert room.timeline("https://o.example/1") == [
        (one, 1, "inserted", "AI a"),
        (one, 2, "revised", "AI b"),
        (two, 1, "revised", "AI b"),
    ]
    assert room.query(
        "SELECT outlet, title_before, title_after, feed_count FROM mart.article_edits"
    ) == [("one", "AI a", "AI b", 2)]


def test_the_current_revision_is_that_of_the_feed_which_had_it_first(room: Newsroom) -> None:
    one, two = room.add_feed("one"), room.add_feed("two")
    room.load((one, [entry("AI a")]), (two, [entry("AI z")]))
    room.load((two, [entry("AI zz")]), at=NOON + MINUTE)
    assert room.query("SELECT title, edit_count FROM mart.articles") == [("AI a", 1)]


def test_a_copy_in_the_document_is_unchanged_beside_its_accepted_twin(room: Newsroom) -> None:
    feed = room.add_feed("one")
    loaded = room.load((feed, [entry("AI news"), entry("AI news", position=1)]))
    assert loaded.entries == EntryCounts(fetched=2, accepted=1, unchanged=1)


def test_a_feed_that_repeats_a_url_keeps_the_article_known_by_url_for_its_first_guid(
    room: Newsroom,
) -> None:
    feed = room.add_feed("one")
    room.load((feed, [entry("AI one", guid="g1")]))
    twins = [entry("AI one", guid="g1"), entry("AI two", guid="g2", position=1)]
    turned = room.load((feed, twins), at=NOON + MINUTE)
    assert turned.entries == EntryCounts(fetched=2, accepted=1, unchanged=1)
    assert turned.articles == ArticleCounts(inserted=1)
    again = room.load((feed, twins), at=NOON + 2 * MINUTE)
    assert again.entries == EntryCounts(fetched=2, unchanged=2)


def test_one_url_and_guid_for_all_entries_makes_no_false_revision(room: Newsroom) -> None:
    feed = room.add_feed("one")
    items = [entry(f"AI {n}", guid="g", position=n) for n in range(3)]
    assert room.load((feed, items)).articles == ArticleCounts(inserted=3)
    again = room.load((feed, items[1:]), at=NOON + MINUTE)
    assert again.entries == EntryCounts(fetched=2, unchanged=2)


def test_a_failing_record_is_quarantined_with_its_reasons_and_a_repeat_is_counted(
    room: Newsroom,
) -> None:
    feed = room.add_feed("one")
    document = (feed, [entry("bad AI")])
    assert room.load(document).entries == EntryCounts(fetched=1, quarantined=1)
    room.load(document, at=NOON + MINUTE)
    assert room.query(
        "SELECT title, seen_count, reasons, last_seen_at - interval '1 minute' = fetched_at"
        " FROM mart.quarantine_open JOIN ops.quarantine USING (quarantine_key, title, seen_count,"
        " last_seen_at)"
    ) == [("bad AI", 2, ["be good"], True)]


def test_what_was_decided_of_a_quarantined_record_stays_decided(room: Newsroom) -> None:
    feed = room.add_feed("one")
    room.load((feed, [entry("bad AI")]))
    with room.engine.begin() as conn:
        conn.execute(text("UPDATE ops.quarantine SET status = 'rejected', decided_at = now()"))
    again = room.load((feed, [entry("bad AI")]), at=NOON + MINUTE)
    assert again.entries == EntryCounts(fetched=1, quarantined=1)
    assert room.query("SELECT status, seen_count FROM ops.quarantine") == [("rejected", 2)]


def test_an_off_topic_record_is_not_quarantined_whatever_it_fails(room: Newsroom) -> None:
    feed = room.add_feed("one")
    assert room.load((feed, [entry("bad")])).entries == EntryCounts(fetched=1, off_topic=1)


def test_an_entry_without_identity_is_quarantined_even_off_topic(room: Newsroom) -> None:
    feed = room.add_feed("one")
    loaded = room.load((feed, [entry("news", url=None)]))
    assert loaded.entries == EntryCounts(fetched=1, quarantined=1)


def test_entries_that_the_parser_lost_are_quarantined(room: Newsroom) -> None:
    feed = room.add_feed("one")
    loaded = room.load((feed, [entry("AI news")]), lost=2)
    assert loaded.entries == EntryCounts(fetched=3, accepted=1, quarantined=2)
    room.load((feed, [entry("AI news")]), lost=2, at=NOON + MINUTE)
    assert room.query("SELECT seen_count, expectation FROM ops.quarantine"
                      " JOIN ops.quarantine_reason USING (quarantine_key)") == [
        (2, "entry_is_read_by_the_parser"),
        (2, "entry_is_read_by_the_parser"),
    ]  # fmt: skip


def test_an_article_that_leaves_the_feed_and_returns_is_the_same_article(room: Newsroom) -> None:
    feed = room.add_feed("one")
    room.load((feed, [entry("AI news")]))
    room.load((feed, []), at=NOON + MINUTE)
    assert room.query("SELECT left_at FROM core.fact_sighting") == [(NOON + MINUTE,)]
    back = room.load((feed, [entry("AI news")]), at=NOON + 2 * MINUTE)
    assert back.entries == EntryCounts(fetched=1, unchanged=1)
    assert room.query("SELECT left_at, return_count FROM core.fact_sighting") == [(None, 1)]


def test_a_document_that_lost_entries_proves_no_leaving(room: Newsroom) -> None:
    feed = room.add_feed("one")
    room.load((feed, [entry("AI news")]))
    room.load((feed, []), lost=1, at=NOON + MINUTE)
    assert room.query("SELECT left_at FROM core.fact_sighting") == [(None,)]


def test_a_held_batch_counts_and_loads_nothing(room: Newsroom) -> None:
    feed = room.add_feed("one")
    loaded = room.load((feed, [entry("AI news")]), verdict="held")
    assert loaded.entries == EntryCounts(fetched=1, accepted=1)
    assert room.query("SELECT count(*) FROM core.fact_article") == [(0,)]
    assert room.query("SELECT state, verdict, accepted_count FROM ops.batch") == [
        ("done", "held", 1)
    ]


@pytest.mark.parametrize(
    "title",
    [
        "AI'; DROP TABLE core.fact_article; --",
        "AI \\copy x from y",
        'AI =HYPERLINK("http://x.example","y")',
        "AI \u200fשלום\u202e tfel",
        "AI \\N",
        "AI\ttab\\.",
        "AI 🐼 中国",
    ],
)
def test_text_of_feeds_goes_in_and_out_unharmed(room: Newsroom, title: str) -> None:
    feed = room.add_feed("one")
    room.load((feed, [entry(title, summary=title)]))
    assert room.query("SELECT title, summary FROM core.article_revision") == [(title, title)]


class _Sum(tuple[int, ...]):
    def __add__(self, other: object) -> "_Sum":
        assert isinstance(other, tuple)
        return _Sum(a + b for a, b in zip(self or (0,) * len(other), other, strict=True))


def _pair(loaded: StagedCounts) -> tuple[int, int, int, int]:
    a = loaded.articles
    return (a.inserted, a.revised, a.variant, loaded.entries.unchanged)


def _load(
    room: Newsroom, documents: list[tuple[int, list[ParsedEntry]]], is_one_batch: bool
) -> list[StagedCounts]:
    if is_one_batch:
        return [room.load(*documents)]
    return [room.load(document, at=NOON + n * MINUTE) for n, document in enumerate(documents)]
