"""Edits of the feed list change what was asked and not a byte more."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from silkwire.errors import ConfigError
from silkwire.feeds.opml.document import PlacedFeed, insert_feeds
from silkwire.feeds.opml.edit import add_feeds, remove_feeds
from silkwire.feeds.opml.foreign import read_foreign_list
from silkwire.feeds.opml.read import ListedFeed, read_feed_list

TOPICS = ("ai", "china_travel")
LIST = """<?xml version='1.0' encoding="UTF-8"?>
<!-- ours -->
<opml version="2.0">
    <head><title>T &amp; U</title></head>
    <body>
        <!-- laboratories -->
        <outline text='AI'>
            <outline text="A"
                     xmlUrl="https://a.example/rss?x=1&amp;y=2"  />  <!-- the best -->
            <outline xmlUrl="https://b.example/rss" text="B > A"/>
        </outline>
        <outline text="旅行"><outline text="C" xmlUrl="https://c.example/"/></outline>

    </body>
</opml>
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "feeds.opml"
    path.write_bytes(LIST.encode())
    return path


NEW = ListedFeed(
    "https://n.example/",
    credential="me:p@ss/",
    title='N "&" <O>',
    homepage_url="https://n.example/about",
    outlet="N",
    language="zh-hant",
    poll=timedelta(minutes=90),
    tags=("x", "AI"),
    topics=("ai", "china_travel"),
)
LINE = (
    '<outline text="N &quot;&amp;&quot; &lt;O&gt;" xmlUrl="https://me:p%40ss%2F@n.example/"'
    ' htmlUrl="https://n.example/about" outlet="N" language="zh-hant" poll="90m" category="x"'
    ' topics="ai china_travel"/>'
)


def test_a_feed_is_added_at_the_end_of_its_folder_and_nothing_else_changes(path: Path) -> None:
    assert add_feeds(path, [PlacedFeed(NEW, ("AI",))], TOPICS) == (NEW,)
    last = '            <outline xmlUrl="https://b.example/rss" text="B > A"/>\n'
    assert path.read_text() == LIST.replace(last, f"{last}            {LINE}\n")
    assert read_feed_list(path, TOPICS)[2] == NEW


def test_a_folder_that_is_missing_is_made_at_the_end(path: Path) -> None:
    placed = PlacedFeed(ListedFeed("https://n.example/", title="N"), ("New", "Inner"))
    add_feeds(path, [placed], TOPICS)
    added = (
        '        <outline text="New">\n          <outline text="Inner">\n'
        '            <outline text="N" xmlUrl="https://n.example/"/>\n'
        "          </outline>\n        </outline>\n"
    )
    assert path.read_text() == LIST.replace("\n    </body>", f"\n{added}    </body>")


def test_a_folder_on_one_line_stays_on_one_line(path: Path) -> None:
    add_feeds(path, [PlacedFeed(ListedFeed("https://n.example/", title="N"), ("旅行",))], TOPICS)
    assert path.read_text() == LIST.replace(
        'xmlUrl="https://c.example/"/></outline>',
        'xmlUrl="https://c.example/"/><outline text="N" xmlUrl="https://n.example/"/></outline>',
    )


def test_a_feed_that_is_listed_is_not_added_again(path: Path) -> None:
    assert add_feeds(path, [PlacedFeed(ListedFeed("HTTPS://C.example:443"))], TOPICS) == ()
    assert path.read_text() == LIST


def test_a_missing_list_is_begun(tmp_path: Path) -> None:
    path = tmp_path / "new" / "feeds.opml"
    add_feeds(path, [PlacedFeed(NEW)], TOPICS)
    assert read_feed_list(path, TOPICS) == (NEW,)


@pytest.mark.parametrize("body", ["<body/>", "<body></body>", "<body >\r\n</body>"])
def test_an_empty_list_takes_a_first_feed(tmp_path: Path, body: str) -> None:
    path = tmp_path / "feeds.opml"
    path.write_bytes(f"<opml>{body}</opml>".encode())
    add_feeds(path, [PlacedFeed(NEW)], TOPICS)
    assert read_feed_list(path, TOPICS) == (NEW,)


def test_a_feed_is_removed_with_its_line_and_the_comment_beside_it_stays(path: Path) -> None:
    assert remove_feeds(path, ["https://b.example/rss"], TOPICS) == ()
    line = '            <outline xmlUrl="https://b.example/rss" text="B > A"/>\n'
    assert path.read_text() == LIST.replace(line, "")
    remove_feeds(path, ["https://a.example/rss?x=1&y=2"], TOPICS)
    assert "<!-- the best -->" in path.read_text()
    assert [feed.feed_url for feed in read_feed_list(path, TOPICS)] == ["https://c.example/"]


def test_the_last_feed_takes_its_folder_along(path: Path) -> None:
    remove_feeds(path, ["https://c.example"], TOPICS)
    line = (
        '        <outline text="旅行"><outline text="C" xmlUrl="https://c.example/"/></outline>\n'
    )
    assert path.read_text() == LIST.replace(line, "")


def test_what_is_not_listed_is_named(path: Path) -> None:
    assert remove_feeds(path, ["https://x.example/"], TOPICS) == ("https://x.example/",)
    assert path.read_text() == LIST


def test_a_list_with_a_mistake_is_not_edited(path: Path) -> None:
    path.write_text(LIST.replace('text="C"', 'texd="C"'))
    before = path.read_bytes()
    with pytest.raises(ConfigError, match='did you mean "text"'):
        add_feeds(path, [PlacedFeed(NEW)], TOPICS)
    assert path.read_bytes() == before
    assert [entry.name for entry in path.parent.iterdir()] == ["feeds.opml"]


def test_the_file_keeps_its_mode_and_a_link_stays_a_link(path: Path) -> None:
    path.chmod(0o640)
    link = path.with_name("link.opml")
    link.symlink_to(path)
    add_feeds(link, [PlacedFeed(NEW)], TOPICS)
    assert link.is_symlink()
    assert path.stat().st_mode & 0o777 == 0o640


def test_another_encoding_is_refused_rather_than_broken(path: Path) -> None:
    text = '<?xml version="1.0" encoding="UTF-16"?><opml><body/></opml>'
    path.write_bytes(text.encode("utf-16"))
    with pytest.raises(ConfigError, match="save the list as UTF-8"):
        add_feeds(path, [PlacedFeed(NEW)], TOPICS)


def test_windows_line_ends_are_kept(path: Path) -> None:
    path.write_bytes(LIST.replace("\n", "\r\n").encode())
    add_feeds(path, [PlacedFeed(NEW, ("AI",))], TOPICS)
    assert b"\n" not in path.read_bytes().replace(b"\r\n", b"")


names = st.text(st.characters(blacklist_categories=("Cs",)), min_size=1, max_size=8)
feeds = st.lists(st.tuples(st.integers(0, 30), names, st.lists(names, max_size=2)), max_size=12)


@settings(max_examples=40, deadline=None)
@given(feeds)
def test_what_was_added_is_read_and_what_is_removed_leaves_the_list_as_it_was(tmp_dir, feeds):
    path = tmp_dir / "feeds.opml"
    path.write_bytes(LIST.encode())
    placed = [
        PlacedFeed(ListedFeed(f"https://h.example/{key}", title=title), tuple(folders))
        for key, title, folders in feeds
    ]
    added = add_feeds(path, placed, TOPICS)
    assert {f.feed_url for f in added} == {f.feed.feed_url for f in placed}
    assert {f.feed_url for f in added} <= {f.feed_url for f in read_feed_list(path, TOPICS)}
    remove_feeds(path, [feed.feed_url for feed in added], TOPICS)
    assert path.read_text() == LIST


@pytest.fixture(scope="module")
def tmp_dir(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("lists")


def test_twenty_thousand_feeds_are_inserted_in_one_go() -> None:
    placed = [
        PlacedFeed(ListedFeed(f"https://h{n}.example/", title=str(n)), (f"f{n % 40}",))
        for n in range(20_000)
    ]
    document = insert_feeds(LIST.encode(), placed)
    assert document.count(b"xmlUrl") == 20_003


def test_two_editors_at_once_lose_nothing(path: Path) -> None:
    def add(n: int) -> None:
        add_feeds(path, [PlacedFeed(ListedFeed(f"https://n.example/{n}"), ("AI",))], TOPICS)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(add, range(24)))
    assert len(read_feed_list(path, TOPICS)) == 27


# --- foreign lists


def read_foreign(tmp_path: Path, text: str):
    path = tmp_path / "foreign.opml"
    path.write_text(text)
    return read_foreign_list(path, TOPICS)


def test_a_foreign_list_is_read_however_untidy(tmp_path: Path) -> None:
    found = read_foreign(
        tmp_path,
        """<!DOCTYPE opml><OPML><body>
        <outline title="News & more" isOpen="true">
          <outline title="A" type="rss" XMLURL=" feed://a.example/rss " htmlUrl="/about"
                   language="English" poll="soon" rating="5"/>
          <outline text="B" xmlUrl="feed:https://u:p@b.example/" category="x,/y/z"/>
          <outline text="C" xmlUrl="ftp://c.example/"/>
          <outline text="A again" xmlUrl="http://a.example/rss"/>
        </outline>
        <outline text="a link" type="link" url="http://d.example/"/>
        </body>""",
    )
    assert [(item.feed.feed_url, item.feed.title, item.folders) for item in found.placed] == [
        ("http://a.example/rss", "A", ("News more",)),
        ("https://b.example/", "B", ("News more",)),
    ]
    assert found.placed[0].feed == ListedFeed("http://a.example/rss", title="A")
    assert found.placed[1].feed.credential == "u:p"
    assert found.placed[1].feed.tags == ("x", "y/z")
    assert [(skipped.line, skipped.reason) for skipped in found.skipped] == [
        (6, "the url must begin with http:// or https://"),
        (7, "http://a.example/rss is listed twice"),
    ]


def test_our_own_export_comes_back_whole(tmp_path: Path, path: Path) -> None:
    add_feeds(path, [PlacedFeed(NEW, ("AI",))], TOPICS)
    copy = tmp_path / "copy.opml"
    add_feeds(copy, read_foreign_list(path, TOPICS).placed, TOPICS)
    assert read_feed_list(copy, TOPICS) == read_feed_list(path, TOPICS)


def test_a_foreign_list_keeps_the_topics_that_have_rules(tmp_path: Path) -> None:
    path = tmp_path / "foreign.opml"
    path.write_text(
        '<opml><body><outline xmlUrl="http://a.example/" topics="semiconductors, ai sport"/>'
        "</body></opml>"
    )
    (placed,) = read_foreign_list(path, ["ai", "semiconductors"]).placed
    assert placed.feed.topics == ("semiconductors", "ai")


@pytest.mark.parametrize("text", ["", "not xml", "<html><body><p>hi</p></body></html>", "{}"])
def test_a_file_without_feeds_is_one_sentence(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigError, match=r"no feeds|no OPML"):
        read_foreign(tmp_path, text)


def test_an_entity_bomb_is_not_expanded(tmp_path: Path) -> None:
    entities = "".join(
        f"<!ENTITY {chr(98 + i)} '{('&' + chr(97 + i) + ';') * 20}'>" for i in range(12)
    )
    bomb = (
        f"<!DOCTYPE o [<!ENTITY a 'aaaa'>{entities}]><opml><body>"
        "<outline text='&m;' xmlUrl='http://a.example/'/></body></opml>"
    )
    try:
        placed = read_foreign(tmp_path, bomb).placed
    except ConfigError:
        return
    assert all(len(item.feed.title or "") < 1_000_000 for item in placed)


def test_an_external_entity_is_not_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("hidden")
    text = (
        f"<!DOCTYPE o [<!ENTITY e SYSTEM 'file://{secret}'>]><opml><body>"
        "<outline text='a' xmlUrl='http://a.example/'>&e;</outline></body></opml>"
    )
    assert "hidden" not in str(read_foreign(tmp_path, text))
