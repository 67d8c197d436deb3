"""A batch that is released late goes to its place in time, whatever else was loaded since."""

from dataclasses import replace
from random import Random

import pytest
from sqlalchemy import Engine, text

from helpers.loading import MINUTE, NOON, Newsroom, entry
from silkwire.model import ArticleCounts, EntryCounts, ParsedEntry

EMPTIED = (
    "ops.batch, ops.feed, ops.quarantine, ops.off_topic, ops.article_band, core.fact_article,"
    " core.dim_feed, core.dim_outlet, core.dim_ruleset, core.dim_topic"
)
PICTURE = {
    "articles": "SELECT to_jsonb(article) - '{article_key,origin_article_key,loaded_at}'::text[]"
    " FROM mart.articles AS article",
    "facts": "SELECT to_jsonb(article) - '{article_key,current_revision_key,loaded_at}'::text[]"
    " FROM core.fact_article AS article",
    "revisions": "SELECT article.identity_hash, to_jsonb(revision) - '{article_key,revision_key,"
    "replaces_revision_key,loaded_at}'::text[], before.recorded_from, before.feed_key,"
    " article.current_revision_key = revision.revision_key"
    " FROM core.article_revision AS revision JOIN core.fact_article AS article USING (article_key)"
    " LEFT JOIN core.article_revision AS before"
    "  ON before.revision_key = revision.replaces_revision_key",
    "sightings": "SELECT article.identity_hash, to_jsonb(sighting) - '{article_key,revision_key,"
    "loaded_at}'::text[], shown.feed_key, shown.recorded_from"
    " FROM core.fact_sighting AS sighting JOIN core.fact_article AS article USING (article_key)"
    " JOIN core.article_revision AS shown ON shown.revision_key = sighting.revision_key",
    "edits": "SELECT to_jsonb(edit) - '{article_key,revision_key,loaded_at}'::text[]"
    " FROM mart.article_edits AS edit",
    "matches": "SELECT article.identity_hash, revision.feed_key, revision.revision_number,"
    " to_jsonb(decision) - '{article_key,revision_key,match_key}'::text[], array_agg(to_jsonb(span)"
    "  - 'match_key' ORDER BY span_number)"
    " FROM mart.topic_decisions AS decision"
    " JOIN core.article_revision AS revision USING (revision_key)"
    " JOIN core.fact_article AS article ON article.article_key = revision.article_key"
    " LEFT JOIN core.topic_evidence AS span USING (match_key) GROUP BY 1, 2, 3, 4",
    "why": "SELECT to_jsonb(why) - '{article_key,revision_key}'::text[]"
    " FROM mart.why_matched AS why",
    "copies": "SELECT to_jsonb(copy) - '{article_key,origin_article_key,linked_at}'::text[]"
    " FROM mart.article_copies AS copy",
    "topic_daily": "SELECT * FROM mart.topic_daily",
    "outlet_daily": "SELECT * FROM mart.outlet_daily",
    "counts": "SELECT batch_id, fetched_count, inserted_count, revised_count, variant_count,"
    " unchanged_count, off_topic_count, quarantined_count FROM ops.batch",
}
"""What must be the same whenever batches are released: all but surrogate keys and `loaded_at`."""

Document = tuple[int, list[ParsedEntry]]


@pytest.fixture
def room(warehouse: Engine) -> Newsroom:
    return Newsroom(warehouse)


def take_picture(room: Newsroom) -> dict[str, list[str]]:
    return {name: sorted(map(str, room.query(asked))) for name, asked in PICTURE.items()}


def empty(engine: Engine) -> None:
    with engine.begin() as conn:
        conn.execute(text(f"TRUNCATE {EMPTIED} RESTART IDENTITY CASCADE"))


def hold(room: Newsroom, *documents: Document, minute: int) -> str:
    """The id of a batch with these documents that is held."""
    room.load(*documents, at=NOON + minute * MINUTE, verdict="held")
    return f"batch-{room.batch_count}"


def publish(room: Newsroom, *documents: Document, minute: int) -> None:
    room.load(*documents, at=NOON + minute * MINUTE)


def read_timelines(room: Newsroom) -> list[tuple[object, ...]]:
    return room.query(
        "SELECT feed_key, revision_number, kind, title, recorded_from FROM core.article_revision"
        " ORDER BY article_key, feed_key, revision_number"
    )


def test_a_to_b_to_a_is_three_revisions_although_b_came_late(room: Newsroom) -> None:
    feed = room.add_feed("one")
    publish(room, (feed, [entry("AI a")]), minute=0)
    late = hold(room, (feed, [entry("AI b")]), minute=10)
    publish(room, (feed, [entry("AI a")]), minute=20)
    publish(room, (feed, [entry("AI a")]), minute=30)
    released = room.release(late, NOON + 40 * MINUTE)
    assert released.articles == ArticleCounts(revised=1)
    assert read_timelines(room) == [
        (feed, 1, "inserted", "AI a", NOON),
        (feed, 2, "revised", "AI b", NOON + 10 * MINUTE),
        (feed, 3, "revised", "AI a", NOON + 20 * MINUTE),
    ]
    assert room.query("SELECT title, edit_count, last_edited_at FROM mart.articles") == [
        ("AI a", 2, NOON + 20 * MINUTE)
    ]
    assert room.query("SELECT revised_count, unchanged_count FROM ops.batch ORDER BY batch_id") == [
        (0, 0),
        (1, 0),
        (1, 0),
        (0, 1),
    ]


def test_an_article_that_only_the_late_batch_shows_is_kept_and_left_its_feed(
    room: Newsroom,
) -> None:
    feed = room.add_feed("one")
    late = hold(room, (feed, [entry("AI a")]), minute=0)
    publish(room, (feed, [entry("AI z", "https://o.example/2")]), minute=10)
    released = room.release(late, NOON + 20 * MINUTE)
    assert released.entries == EntryCounts(fetched=1, accepted=1)
    assert room.query(
        "SELECT title, sighting.first_seen_at, left_at, article.loaded_at"
        " FROM mart.articles AS article JOIN core.fact_sighting AS sighting USING (article_key)"
        " ORDER BY title"
    ) == [
        ("AI a", NOON, NOON + 10 * MINUTE, NOON + 20 * MINUTE),
        ("AI z", NOON + 10 * MINUTE, None, NOON + 10 * MINUTE),
    ]
    assert room.query("SELECT count(*) FROM mart.why_matched") == [(2,)]


def test_who_had_an_article_first_changes_with_a_late_release(room: Newsroom) -> None:
    one, two = room.add_feed("one"), room.add_feed("two")
    late = hold(room, (two, [entry("AI of two")]), minute=0)
    publish(room, (one, [entry("AI of one")]), minute=10)
    before = room.query("SELECT article_key, revision_key FROM core.article_revision")
    room.release(late, NOON + 20 * MINUTE)
    assert read_timelines(room) == [
        (one, 1, "variant", "AI of one", NOON + 10 * MINUTE),
        (two, 1, "inserted", "AI of two", NOON),
    ]
    assert room.query("SELECT outlet, title, first_seen_at, feed_count FROM mart.articles") == [
        ("two", "AI of two", NOON, 2)
    ]
    known = f"SELECT article_key, revision_key FROM core.article_revision WHERE feed_key = {one}"
    assert room.query(known) == before
    as_of = "SELECT title FROM mart.articles_as_of('2026-03-01 12:{}Z')"
    assert room.query(as_of.format("15")) == [("AI of one",)]
    assert room.query(as_of.format("20")) == [("AI of two",)]


def test_a_text_that_a_later_document_showed_again_moves_to_the_late_one(room: Newsroom) -> None:
    one, two = room.add_feed("one"), room.add_feed("two")
    late = hold(room, (two, [entry("AI a")]), minute=0)
    publish(room, (one, [entry("AI a")]), minute=10)
    publish(room, (two, [entry("AI a")]), minute=20)
    key = room.query("SELECT revision_key, loaded_at FROM core.article_revision")
    room.release(late, NOON + 30 * MINUTE)
    assert read_timelines(room) == [(two, 1, "inserted", "AI a", NOON)]
    assert room.query("SELECT revision_key, loaded_at FROM core.article_revision") == key
    assert room.query(
        "SELECT feed_key, first_seen_at FROM core.fact_sighting ORDER BY feed_key"
    ) == [(one, NOON + 10 * MINUTE), (two, NOON)]
    assert room.query("SELECT inserted_count, unchanged_count FROM ops.batch ORDER BY 1, 2") == [
        (0, 1),
        (0, 1),
        (1, 0),
    ]


def test_a_text_that_its_feed_had_before_and_has_after_is_no_revision(room: Newsroom) -> None:
    feed = room.add_feed("one")
    publish(room, (feed, [entry("AI a")]), minute=0)
    late = hold(room, (feed, [entry("AI a")]), minute=10)
    publish(room, (feed, [entry("AI b")]), minute=20)
    released = room.release(late, NOON + 30 * MINUTE)
    assert released.entries == EntryCounts(fetched=1, unchanged=1)
    assert [row[1:4] for row in read_timelines(room)] == [
        (1, "inserted", "AI a"),
        (2, "revised", "AI b"),
    ]


def test_an_off_topic_text_becomes_an_edit_when_its_article_was_on_topic_before(
    room: Newsroom,
) -> None:
    feed = room.add_feed("one")
    late = hold(room, (feed, [entry("AI a")]), minute=0)
    publish(room, (feed, [entry("off")]), minute=10)
    assert room.query("SELECT count(*) FROM mart.articles") == [(0,)]
    room.release(late, NOON + 20 * MINUTE)
    assert [row[1:4] for row in read_timelines(room)] == [
        (1, "inserted", "AI a"),
        (2, "revised", "off"),
    ]
    assert room.query("SELECT count(*) FROM ops.off_topic") == [(0,)]
    assert room.query("SELECT revised_count, off_topic_count FROM ops.batch ORDER BY 1") == [
        (0, 0),
        (1, 0),
    ]


def test_what_a_feed_said_since_of_an_off_topic_entry_stays(room: Newsroom) -> None:
    feed = room.add_feed("one")
    late = hold(room, (feed, [entry("old")]), minute=0)
    publish(room, (feed, [entry("new")]), minute=10)
    room.release(late, NOON + 20 * MINUTE)
    assert room.query("SELECT title, first_seen_at, last_seen_at FROM ops.off_topic") == [
        ("new", NOON, NOON + 10 * MINUTE)
    ]


def test_two_held_batches_may_be_released_newest_first(room: Newsroom) -> None:
    feed = room.add_feed("one")
    first = hold(room, (feed, [entry("AI a")]), minute=0)
    second = hold(room, (feed, [entry("AI b")]), minute=10)
    publish(room, (feed, [entry("AI c")]), minute=20)
    room.release(second, NOON + 30 * MINUTE)
    room.release(first, NOON + 40 * MINUTE)
    assert [row[1:4] for row in read_timelines(room)] == [
        (1, "inserted", "AI a"),
        (2, "revised", "AI b"),
        (3, "revised", "AI c"),
    ]


def test_an_article_that_the_late_document_no_longer_shows_left_then(room: Newsroom) -> None:
    feed = room.add_feed("one")
    publish(room, (feed, [entry("AI a")]), minute=0)
    late = hold(room, (feed, []), minute=10)
    publish(room, (feed, [entry("AI a")]), minute=20)
    publish(room, (feed, []), minute=30)
    room.release(late, NOON + 40 * MINUTE)
    assert room.query(
        "SELECT lower(absent_during), upper(absent_during), left_at, return_count"
        " FROM core.fact_sighting"
    ) == [(NOON + 10 * MINUTE, NOON + 20 * MINUTE, NOON + 30 * MINUTE, 1)]


def test_what_was_let_in_before_a_person_rejected_its_like_stays_in(room: Newsroom) -> None:
    feed = room.add_feed("one")
    late = hold(room, (feed, [entry("bad AI")]), minute=0)
    publish(room, (feed, [entry("bad AI")]), minute=10)
    room.load((feed, [entry("bad AI")]), at=NOON + 20 * MINUTE, bad=lambda _: False)
    with room.engine.begin() as conn:
        rejected = "UPDATE ops.quarantine SET status = 'rejected', decided_at = :now"
        conn.execute(text(rejected), {"now": NOON + 30 * MINUTE})
    room.release(late, NOON + 40 * MINUTE)
    assert [row[1:] for row in read_timelines(room)] == [
        (1, "inserted", "bad AI", NOON + 20 * MINUTE)
    ]


def test_copies_are_linked_to_whoever_the_late_batch_shows_to_be_first(room: Newsroom) -> None:
    one, two = room.add_feed("one"), room.add_feed("two")
    lead = LEADS[0]
    late = hold(
        room, (two, [entry("AI told to stay", "https://o.example/2", summary=lead)]), minute=0
    )
    publish(room, (one, [entry("AI told to stay", "https://o.example/1", summary=lead)]), minute=10)
    room.release(late, NOON + 20 * MINUTE)
    assert room.query(
        "SELECT article_url, is_origin, origin_url FROM mart.articles ORDER BY 1"
    ) == [
        ("https://o.example/1", False, "https://o.example/2"),
        ("https://o.example/2", True, "https://o.example/2"),
    ]


LEADS = (
    "officials have asked leading researchers and company founders to put off journeys abroad",
    "the ministry said on monday that permits for visitors will be issued within three days",
    "carriers will resume most of the routes that they gave up during the past two winters",
)


class World:
    """Publishers who share nothing, each with some feeds that share urls, read a few times.

    What the feeds show, which batches are held and when they are released is drawn by chance.
    """

    def __init__(self, seed: int, publisher_count: int = 5):
        self.seed, self.publisher_count = seed, publisher_count
        draw = Random(seed)
        self.batch_count = draw.randint(3, 5)
        self.held = set(draw.sample(range(self.batch_count), draw.randint(1, self.batch_count - 1)))

    def play(self, engine: Engine, *, is_in_order: bool) -> dict[str, list[str]]:
        """The picture of the warehouse when every batch is loaded."""
        empty(engine)
        room, shown, released = Newsroom(engine), Random(self.seed), Random(self.seed)
        publishers = [
            [room.add_feed(f"p{publisher}f{n}") for n in range(shown.randint(2, 3))]
            for publisher in range(self.publisher_count)
        ]
        waiting: list[str] = []
        for number in range(self.batch_count):
            is_held = number in self.held and not is_in_order
            room.load(
                *(
                    write_document(shown, publisher, feed)
                    for publisher, feeds in enumerate(publishers)
                    for feed in feeds
                    if shown.random() < 0.8
                ),
                at=NOON + 10 * number * MINUTE,
                lost=shown.choice([0, 0, 0, 1]),
                verdict="held" if is_held else "published",
                ruleset=f"rules-{shown.randint(1, 2)}",
            )
            waiting += [f"batch-{number + 1}"] * is_held
            while waiting and (number == self.batch_count - 1 or released.random() < 0.3):
                chosen = waiting.pop(released.randrange(len(waiting)))
                room.release(chosen, NOON + (10 * number + 5) * MINUTE)
        return take_picture(room)


def write_document(draw: Random, publisher: int, feed: int) -> Document:
    entries = []
    for path in range(6):
        if draw.random() < 0.4:
            continue
        title = draw.choice(["AI a", "AI a", "AI b", "off", "bad AI"])
        url = f"https://p{publisher}.example/{path}"
        lead = f"{LEADS[path % 3]} says {publisher}"
        shown = entry(f"{title} {lead[:20]}", url, f"g{path}", len(entries), lead)
        entries.append(
            replace(shown, authors=(f"of {feed}",), published_raw=f"{feed} {draw.random()}")
        )
    if draw.random() < 0.05:
        entries.append(entry("AI twin", f"https://p{publisher}.example/0", "twin", len(entries)))
    if draw.random() < 0.3:
        entries.append(entry("AI by guid", None, "only", len(entries)))
    return feed, entries


@pytest.mark.parametrize("seed", range(12))
def test_worlds_come_out_as_if_nothing_had_been_held(warehouse: Engine, seed: int) -> None:
    world = World(seed)
    expected = world.play(warehouse, is_in_order=True)
    found = world.play(warehouse, is_in_order=False)
    assert all(expected.values())
    for name, rows in expected.items():
        assert found[name] == rows, name


def test_entries_of_another_text_stay_off_topic_when_their_coarser_article_is_edited_late(
    warehouse: Engine,
) -> None:
    newsroom = Newsroom(warehouse)
    feed = newsroom.add_feed("a")
    newsroom.load((feed, [entry("AI one", guid="g")]))
    newsroom.load((feed, [entry("AI two", guid="g")]), at=NOON + MINUTE, verdict="held")
    sport = [entry("Sport", guid="g"), entry("More sport", guid="g", position=1)]
    newsroom.load((feed, sport), at=NOON + 2 * MINUTE)
    newsroom.release("batch-2", NOON + 3 * MINUTE)
    assert newsroom.query(
        "SELECT fetched_count, unchanged_count, off_topic_count FROM ops.batch"
        " WHERE batch_id = 'batch-3'"
    ) == [(2, 0, 2)]
