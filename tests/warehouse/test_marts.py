"""Marts on real rows: which words an edit changed, and what was known at an instant."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import Engine, create_engine, text

from helpers.newsstand import Newsstand, ask, open_newsstand
from silkwire.config import Settings

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def stand(warehouse_settings: Settings, tmp_path: Path) -> Iterator[Newsstand]:
    with open_newsstand(warehouse_settings, tmp_path) as newsstand:
        yield newsstand


CHANGES = [
    (
        "China warns AI staff to stay away from the U.S.",
        "China advises AI staff to stay away from the U.S.",
        ["warns"],
        ["advises"],
        "China [-warns-] {+advises+} AI staff to stay away from the U.S.",
    ),
    (
        "中国警告人工智能专家不要去美国",
        "中国建议人工智能专家不要前往美国",
        ["警告", "去"],
        ["建议", "前往"],
        "中国[-警告-]{+建议+}人工智能专家不要[-去-]{+前往+}美国",
    ),
    ("A firm ban", "A ban", ["firm"], [], "A [-firm-] ban"),
    ("A ban", "Not an outright ban", ["A"], ["Not an outright"],
     "[-A-]{+Not an outright+} ban"),
    ("使用ChatGPT的专家", "使用Claude的专家", ["ChatGPT"], ["Claude"],
     "使用[-ChatGPT-]{+Claude+}的专家"),
    ("up 3.5%, he said", "up 3.6%, he said", ["3.5"], ["3.6"],
     "up [-3.5-] {+3.6+}%, he said"),
    ("Visa free", "Visa-free", ["Visa free"], ["Visa-free"], "[-Visa free-]{+Visa-free+}"),
    ("ban", "Ban", ["ban"], ["Ban"], "[-ban-]{+Ban+}"),
    ("same \n text", "same\u00a0text ", [], [], "same\u00a0text"),
    (None, "new", [], ["new"], "{+new+}"),
    ("old", None, ["old"], [], "[-old-]"),
    (None, None, [], [], ""),
    ("", " ", [], [], ""),
    ("$x E'\\'; --", "$y E'\\'; --", ["x"], ["y"], "$[-x-]{+y+} E'\\'; --"),
]  # fmt: skip
"""Text before, text after, removed stretches, added stretches, and the text with both marked."""


def test_changed_words(warehouse: Engine) -> None:
    question = (
        "SELECT mart.removed_words(:before, :after), mart.added_words(:before, :after),"
        " mart.mark_words(:before, :after)"
    )
    found = [
        (before, after, *ask(warehouse, question, {"before": before, "after": after})[0])
        for before, after, *_ in CHANGES
    ]
    assert found == CHANGES


@hypothesis_settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.sampled_from("ab中"), max_size=9), st.lists(st.sampled_from("ab中"), max_size=9))
def test_stretches_kept_and_removed_are_the_text_before_and_no_longer_than_needed(
    warehouse: Engine, before: list[str], after: list[str]
) -> None:
    stretches = ask(
        warehouse,
        "SELECT kind, words FROM mart.diff_words(:before, :after) ORDER BY turn",
        {"before": " ".join(before), "after": " ".join(after)},
    )
    parts = dict.fromkeys(("kept", "removed", "added", "before", "after"), "")
    for kind, words in stretches:
        joined = str(words).replace(" ", "")
        parts[str(kind)] += joined
        parts["before"] += joined if kind != "added" else ""
        parts["after"] += joined if kind != "removed" else ""
    assert (parts["before"], parts["after"]) == ("".join(before), "".join(after))
    assert len(parts["kept"]) == longest_common(before, after)


def longest_common(one: list[str], two: list[str]) -> int:
    """The length of the longest common subsequence, by dynamic programming."""
    row = [0] * (len(two) + 1)
    for a in one:
        previous = 0
        for at, b in enumerate(two, 1):
            previous, row[at] = row[at], previous + 1 if a == b else max(row[at], row[at - 1])
    return row[-1]


def test_texts_with_hardly_a_word_in_common_are_replaced_as_a_whole(warehouse: Engine) -> None:
    before = "start " + " ".join(f"a{n} same" for n in range(400)) + " end"
    after = "start " + " ".join(f"b{n} same" for n in range(400)) + " end"
    found = ask(
        warehouse,
        "SELECT kind, length(words) FROM mart.diff_words(:before, :after) ORDER BY turn",
        {"before": before, "after": after},
    )
    assert [kind for kind, _ in found] == ["kept", "removed", "added", "kept"]


def test_an_edit_shows_the_words_that_changed_in_all_its_fields(
    stand: Newsstand, warehouse: Engine
) -> None:
    stand.show("Post", ("OpenAI bans travel", "1", "Sources said so."))
    stand.read(NOON)
    stand.show("Post", ("OpenAI limits travel", "1", "Two sources said so."))
    stand.read(NOON + HOUR)
    assert ask(
        warehouse,
        "SELECT outlet, edited_at, changed, title_changes, removed_words, added_words"
        " FROM mart.article_edits",
    ) == [
        (
            "Post",
            NOON + HOUR,
            ["title", "summary"],
            "OpenAI [-bans-] {+limits+} travel",
            ["bans", "Sources"],
            ["limits", "Two sources"],
        )
    ]


def test_a_to_b_to_a_is_three_revisions_and_two_edits(stand: Newsstand, warehouse: Engine) -> None:
    for hour, title in enumerate(
        ["人工智能专家被禁止出境", "人工智能专家被劝阻出境", "人工智能专家被禁止出境"]
    ):
        stand.show("Post", (title, "1"))
        stand.read(NOON + hour * HOUR)
    assert ask(warehouse, "SELECT count(*) FROM core.article_revision") == [(3,)]
    assert ask(
        warehouse, "SELECT title_changes FROM mart.article_edits ORDER BY edited_at"
    ) == [
        ("人工智能专家被[-禁止-]{+劝阻+}出境",),
        ("人工智能专家被[-劝阻-]{+禁止+}出境",),
    ]  # fmt: skip


def read_articles(engine: Engine) -> list[dict[str, object]]:
    with engine.begin() as conn:
        rows = conn.execute(text("SELECT * FROM mart.articles ORDER BY article_key"))
        return [dict(row._mapping) for row in rows]


def read_articles_as_of(engine: Engine, at: datetime) -> list[dict[str, object]]:
    with engine.begin() as conn:
        rows = conn.execute(
            text("SELECT * FROM mart.articles_as_of(:at) ORDER BY article_key"), {"at": at}
        )
        return [dict(row._mapping) for row in rows]


def test_as_of_any_moment_gives_what_the_warehouse_gave_then(
    stand: Newsstand, warehouse: Engine
) -> None:
    """Edits there and back, a second carrier, an article that leaves, a batch released late, and
    an old text that newer rules match again, and then the old rules once more."""
    known = {NOON - HOUR: read_articles(warehouse)}

    def note(at: datetime) -> None:
        known[at] = known[at + HOUR / 2] = read_articles(warehouse)

    def read(hour: int, *feeds: str) -> str:
        report = stand.read(NOON + hour * HOUR, *feeds)
        note(NOON + hour * HOUR)
        return report.batch_id

    visa = ("China extends visa-free entry for tourists", "visa")
    stand.show("Post", ("OpenAI bans travel to China", "1"), visa)
    stand.show("Wire", ("Wire: OpenAI hires", "2"))
    read(0)
    stand.show("Post", ("OpenAI limits travel to China", "1"))
    stand.show("Wire", ("OpenAI limits travel to China", "1"))
    read(1)
    stand.show("Blog", *[("", f"bad{n}", "ChatGPT and AI") for n in range(9)], ("AI today", "3"))
    held = read(2, "Blog")
    stand.show("Post", ("OpenAI bans travel to China", "1"), visa)
    read(3, "Post", "Wire")
    assert stand.release(NOON + 4 * HOUR, held).verdict == "released"
    note(NOON + 4 * HOUR)
    match_again(warehouse, "visa", NOON + 5 * HOUR)
    note(NOON + 5 * HOUR)
    stand.show("Wire", ("AI is off", "1"))
    read(6, "Wire")
    assert [len(articles) for articles in known.values()] == [
        0, *[3, 3] * 4, *[4, 4], *[3, 3], *[4, 4]
    ]  # fmt: skip
    assert {at: read_articles_as_of(warehouse, at) for at in known} == known


def match_again(engine: Engine, path: str, at: datetime) -> None:
    """Match the article with newer rules, by which it is on no topic."""
    with engine.begin() as conn:
        conn.execute(
            text(
                "WITH rules AS (INSERT INTO core.dim_ruleset (version, first_used_at, adoptions)"
                " VALUES ('newer', :at, ARRAY[CAST(:at AS timestamptz)])"
                " RETURNING ruleset_key)"
                " INSERT INTO core.fact_topic_match"
                " (revision_key, topic_key, ruleset_key, is_match, score, loaded_at)"
                " SELECT revision_key, topic_key, ruleset_key, false, 0, :at"
                " FROM rules, core.dim_topic, core.article_revision"
                " INNER JOIN core.fact_article USING (article_key)"
                " WHERE canonical_url = 'https://o.example/' || :path"
            ),
            {"at": at, "path": path},
        )


def test_a_reader_may_ask_what_was_known_and_which_words_changed(
    stand: Newsstand, warehouse: Engine, admin: Engine
) -> None:
    stand.show("Post", ("OpenAI hires", "1"))
    stand.read(NOON)
    superuser = create_engine(admin.url.set(database=warehouse.url.database))
    with superuser.begin() as conn:
        conn.execute(text("SET LOCAL ROLE silkwire_reader"))
        rows = conn.execute(
            text(
                "SELECT title, mart.mark_words(title, 'OpenAI fires')"
                " FROM mart.articles_as_of(now())"
            )
        )
        assert [tuple(row) for row in rows] == [("OpenAI hires", "OpenAI [-hires-] {+fires+}")]
    superuser.dispose()
