"""config/watches.yaml: what is read, and what is refused with its line."""

from datetime import UTC, datetime, time
from pathlib import Path

import pytest

from helpers.places import ROOT
from silkwire.errors import ConfigError
from silkwire.watches import Found, Watch, fits, load_watches
from silkwire.watches.messages import clean_line, compose
from silkwire.watches.rules import Destination

TOPICS = ["ai", "china_travel"]
HOOK = "json://127.0.0.1:1/"


def write(folder: Path, text: str) -> Path:
    (folder / "watches.yaml").write_text(text, "utf-8")
    return folder


def test_a_watch_is_read_with_all_that_it_asks_for(tmp_path: Path) -> None:
    found = load_watches(
        write(
            tmp_path,
            """
watches:
  - name: talent
    topics: [ai, china_travel]
    scopes: outbound
    words: [scientist, 科学家]
    outlets: [The Paper]
    digest: "07:30"
    to: [env:DESK, "json://127.0.0.1:1/"]
operators:
  to: env:OPS
""",
        ),
        TOPICS,
    )
    assert found.watches == (
        Watch(
            name="talent",
            to=(Destination("env:DESK"), Destination(HOOK)),
            topics=("ai", "china_travel"),
            scopes=("outbound",),
            words=("scientist", "科学家"),
            outlets=("The Paper",),
            digest=time(7, 30),
        ),
    )
    assert found.operators == (Destination("env:OPS"),)


def test_the_file_that_comes_with_silkwire_watches_for_nothing() -> None:
    config = ROOT / "config"
    assert load_watches(config, TOPICS).watches == ()
    assert load_watches(config / "topics", TOPICS).watches == ()  # no file there


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("watches: 5", 1, "must be a list"),
        ("- a", 1, "must hold: operators, watches"),
        ("watches:\n- nmae: x", 2, "'nmae' is not known; there are: digest, name, outlets"),
        ("watches:\n- name: A B\n  words: x\n  to: json://h", 2, "a watch needs a name"),
        ("watches:\n- name: operators\n  words: x\n  to: json://h", 2, "a watch needs a name"),
        ("watches:\n- name: a\n  words: x", 2, "a: `to` is empty"),
        ("watches:\n- name: a\n  to: json://h", 2, "a would notify of everything"),
        ("watches:\n- name: a\n  topics:\n  - aj\n  to: json://h", 4, "'aj' is no topic"),
        ("watches:\n- name: a\n  scopes: [out]\n  to: json://h", 3, "'out' is no scope"),
        ("watches:\n- name: a\n  words: [x, 5]\n  to: json://h", 3, "'words' holds a value"),
        ("watches:\n- name: a\n  words: ['']\n  to: json://h", 3, "'words' holds a value"),
        ("watches:\n- name: a\n  words: x\n  to: desk@x", 4, "is neither an Apprise url"),
        ("watches:\n- name: a\n  words: x\n  to: json://h\n  digest: 25:00", 5, "a time of day"),
        (
            "watches:\n- {name: a, words: x, to: json://h}\n- {name: a, words: x, to: json://h}",
            3,
            "there are two named 'a'",
        ),
        ("operators:\n  too: json://h", 2, "'too' is not known"),
    ],
)
def test_a_mistake_is_refused_with_its_line(
    tmp_path: Path, text: str, line: int, message: str
) -> None:
    with pytest.raises(ConfigError) as refused:
        load_watches(write(tmp_path, text), TOPICS)
    assert refused.value.line == line
    assert message in str(refused.value)


def test_a_url_is_never_shown_in_full_where_it_may_hold_a_password() -> None:
    assert Destination("json://user:word@h/").key == Destination("json://user:word@h/").key
    assert "word" not in Destination("json://user:word@h/").key


def found(**values) -> Found:
    base = {
        "revision_key": 1,
        "article_key": 1,
        "is_edit": False,
        "seen_at": datetime(2026, 11, 23, tzinfo=UTC),
        "outlet": "The Paper",
        "title": "China tells AI scientists to stay",
        "summary": "",
        "url": "https://paper.example/1",
        "topics": ("ai", "china_travel"),
        "scopes": ("outbound",),
        "matched": ("AI",),
        "text_key": "article 1",
    }
    return Found(**{**base, **values})


@pytest.mark.parametrize(
    ("asked", "fitting"),
    [
        ({"topics": ("ai",)}, True),
        ({"topics": ("ai", "china_travel")}, True),
        ({"topics": ("ai", "other")}, False),
        ({"scopes": ("inbound", "outbound")}, True),
        ({"scopes": ("inbound",)}, False),
        ({"outlets": ("the paper",)}, True),
        ({"outlets": ("Paper",)}, False),
        ({"words": ("SCIENTISTS",)}, True),
        ({"words": ("scientist",)}, False),
        ({"words": ("nothing", "stay")}, True),
        ({"topics": ("ai",), "words": ("nothing",)}, False),
    ],
)
def test_a_text_fits_where_all_that_is_asked_for_is_there(asked: dict, fitting: bool) -> None:
    assert fits(Watch("w", (), **asked), found(), str.casefold) is fitting


def test_chinese_words_need_no_spaces_around_them() -> None:
    text = found(title="中国提醒人工智能科学家")
    assert fits(Watch("w", (), words=("科学家",)), text, str.casefold)


@pytest.mark.parametrize(("hour", "day"), [(7, 23), (8, 24), (23, 24)])
def test_a_digest_is_sent_at_its_time_of_day(hour: int, day: int) -> None:
    watch = Watch("w", (), words=("x",), digest=time(8))
    at = watch.find_time(datetime(2026, 11, 23, hour, tzinfo=UTC))
    assert at == datetime(2026, 11, day, 8, tzinfo=UTC)


def test_a_message_names_title_outlet_words_and_link() -> None:
    item = {
        "title": "A\nB",
        "outlet": "P",
        "url": "https://p.example/",
        "matched": ["AI", "travel"],
    }
    message = compose("talent", [item, {"title": "Second", "is_edit": True}])
    assert message.title == "[talent] A B (+1)"
    assert message.body == ("A B\nP · matched: AI, travel\nhttps://p.example/\n\nSecond\nedited")


def test_a_long_message_ends_in_a_count() -> None:
    message = compose("w", [{"title": str(number)} for number in range(25)])
    assert message.body.endswith("19\n\n… and 5 more, in the Newsroom.")


def test_a_headline_cannot_break_a_line() -> None:
    assert clean_line("a\r\nBcc: x\x1b[31m\u2028b") == "a Bcc: x [31m b"
    assert len(clean_line("x" * 1000)) == 301
