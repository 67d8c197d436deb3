"""An article's edits are its distinct changes of text, whichever feeds show them, and when."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine

from helpers.loading import NOON, Newsroom, entry

HOUR = timedelta(hours=1)
FEEDS = {"x": "one", "y": "two", "z": "three"}


@pytest.fixture
def room(warehouse: Engine) -> Newsroom:
    return Newsroom(warehouse)


def show(room: Newsroom, shown: str) -> None:
    """Load documents in turn, an hour apart: `xA yB` is feed x with the title A, then y with B.

    A small letter after the title is the summary.
    """
    keys = {name: room.add_feed(FEEDS[name]) for name in sorted({one[0] for one in shown.split()})}
    for hour, one in enumerate(shown.split()):
        feed, title, summary = one[0], one[1], one[2:] or None
        room.load((keys[feed], [entry(f"AI {title}", summary=summary)]), at=NOON + hour * HOUR)


def list_edits(room: Newsroom) -> str:
    """Each edit as its text before and after, with the feed and the number of feeds."""
    letter = {outlet: name for name, outlet in FEEDS.items()}
    rows = room.query(
        "SELECT outlet, right(title_before, 1) || coalesce(summary_before, ''),"
        " right(title_after, 1) || coalesce(summary_after, ''), feed_count"
        " FROM mart.article_edits ORDER BY edited_at"
    )
    return " ".join(f"{letter[row[0]]}:{row[1]}{row[2]}*{row[3]}" for row in rows)


@pytest.mark.parametrize(
    ("shown", "edits"),
    [
        pytest.param("xA xB xA", "x:AB*1 x:BA*1", id="there and back"),
        pytest.param("xA yA zA xB yB zB", "x:AB*3", id="three feeds, one after another"),
        pytest.param("xA yA zA xB yA zB yB", "x:AB*3", id="one still shows the old text"),
        pytest.param("xA xB yA", "x:AB*1", id="a feed comes with the old text"),
        pytest.param("xA xB yA yB", "x:AB*2", id="it comes with the old text, then follows"),
        pytest.param("xA yA xB yB xA yA", "x:AB*2 x:BA*2", id="there and back in both"),
        pytest.param("xA yA xB xA yB yA", "x:AB*2 x:BA*2", id="one lags by a whole round"),
        pytest.param("xA xB yB yA", "x:AB*1 y:BA*1", id="a later feed goes back alone"),
        pytest.param("xA xB yB yA xA", "x:AB*1 y:BA*2", id="it goes back first"),
        pytest.param("xA yA xB xC yC", "x:AB*1 x:BC*2", id="one skips a text"),
        pytest.param("xA yA yC xB xC", "y:AC*2 x:AB*1", id="one shows the skipped text later"),
        pytest.param("xA xB xA xB", "x:AB*1 x:BA*1 x:AB*1", id="there, back and there"),
        pytest.param("xA yB xB", "x:AB*1", id="another feed's first text is no edit"),
        pytest.param("xAs yAt xBs yBt", "x:AsBs*2", id="feeds that cut the summary differently"),
        pytest.param("xAs yAs xBs yBt", "x:AsBs*1 y:AsBt*1", id="a second change at once"),
        pytest.param("xAs yAs xBs yBt xBt", "x:AsBs*1 y:AsBt*2", id="which then follows"),
    ],
)
def test_a_change_is_one_edit_in_however_many_feeds(room: Newsroom, shown: str, edits: str) -> None:
    show(room, shown)
    assert list_edits(room) == edits
    ((count,),) = room.query("SELECT edit_count FROM mart.articles")
    assert count == len(edits.split())


def test_each_feeds_own_edits_are_one_join_away(room: Newsroom) -> None:
    show(room, "xA yA xB yB")
    assert room.query(
        "SELECT edit.outlet, shown.outlet, shown.is_first, shown.edited_at, shown.new_fields"
        " FROM mart.article_edits AS edit JOIN mart.article_edits_by_feed AS shown"
        " ON shown.edit_key = edit.revision_key ORDER BY shown.edited_at"
    ) == [
        ("one", "one", True, NOON + 2 * HOUR, ["title"]),
        ("one", "two", False, NOON + 3 * HOUR, []),
    ]


def test_an_edit_names_only_the_fields_that_it_was_first_to_change(room: Newsroom) -> None:
    show(room, "xAs yAs xBs yBt")
    assert room.query(
        "SELECT outlet, changed, title_changes FROM mart.article_edits ORDER BY edited_at"
    ) == [("one", ["title"], "AI [-A-] {+B+}"), ("two", ["summary"], None)]


def test_edits_as_of_an_instant_are_those_loaded_by_then(room: Newsroom) -> None:
    show(room, "xA yA xB yB xA")
    counts = [
        room.query(f"SELECT edit_count FROM mart.articles_as_of('{NOON + hour * HOUR}')")[0][0]
        for hour in range(5)
    ]
    assert counts == [0, 0, 1, 1, 2]
