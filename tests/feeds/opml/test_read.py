"""The feed list: what is read, and one sentence with file and line for each mistake."""

import tempfile
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from silkwire.errors import ConfigError
from silkwire.feeds.opml.foreign import read_foreign_list
from silkwire.feeds.opml.read import ListedFeed, read_feed_list
from silkwire.feeds.opml.urls import SplitFeedUrl, is_same_site, join_credential, split_feed_url

TOPICS = ("ai", "china_travel")


@pytest.fixture
def write_list(tmp_path: Path):
    def write(body: str) -> Path:
        path = tmp_path / "feeds.opml"
        path.write_text(f'<opml version="2.0">\n<head/>\n<body>\n{body}\n</body>\n</opml>\n')
        return path

    return write


def test_every_attribute_of_a_feed_is_read(write_list) -> None:
    path = write_list(
        '<outline text="Asia"><outline text="China">'
        '<outline text=" The  Post" type="rss" xmlUrl="https://post.example/rss"'
        ' htmlUrl="https://post.example/" outlet="Post" language="zh_Hant" poll="10m"'
        ' category="/news, urgent" topics="ai, china_travel"/>'
        "</outline></outline>"
    )
    assert read_feed_list(path, TOPICS) == (
        ListedFeed(
            feed_url="https://post.example/rss",
            title="The Post",
            homepage_url="https://post.example/",
            outlet="Post",
            language="zh-hant",
            poll=timedelta(minutes=10),
            tags=("news", "urgent", "Asia", "China"),
            topics=("ai", "china_travel"),
        ),
    )


def test_a_feed_needs_no_more_than_its_url(write_list) -> None:
    path = write_list('<outline xmlUrl="http://a.example/"/>')
    assert read_feed_list(path, TOPICS) == (ListedFeed(feed_url="http://a.example/"),)


def test_a_feed_may_be_dedicated_to_any_topic_that_has_rules(write_list) -> None:
    path = write_list('<outline xmlUrl="http://a.example/" topics="semiconductors"/>')
    (feed,) = read_feed_list(path, ["ai", "semiconductors"])
    assert feed.topics == ("semiconductors",)
    with pytest.raises(ConfigError, match='"semiconductors" is unknown; there are: ai, china_tra'):
        read_feed_list(path, TOPICS)


def test_credentials_are_split_off_decoded_and_kept_out_of_the_representation(write_list) -> None:
    path = write_list('<outline xmlUrl="https://me:p%40ss@a.example:8443/rss?x=1"/>')
    (feed,) = read_feed_list(path, TOPICS)
    assert feed.feed_url == "https://a.example:8443/rss?x=1"
    assert feed.credential == "me:p@ss"
    assert "p@ss" not in repr(feed)


def test_userinfo_tricks_parse_as_the_standard_says(write_list) -> None:
    (feed,) = read_feed_list(
        write_list('<outline xmlUrl="http://good.example@evil.example/"/>'), TOPICS
    )
    assert feed.feed_url == "http://evil.example/"
    assert feed.credential == "good.example:"


MISTAKES = {
    "<outline text='a'>": "not well-formed XML: Opening and ending tag mismatch",
    "<outline text='AT&T' xmlUrl='http://a.example/'/>": "not well-formed XML",
    "<outline text='Post'/>": 'the outline "Post" has no xmlUrl and holds no feeds',
    "<outline text='Post' outlet='P'/>": 'the outline has "outlet" but no xmlUrl',
    "<outline xmlurl='http://a.example/'/>": 'unknown, did you mean "xmlUrl"?',
    "<outline xmlUrl='http://a.example/' colour='red'/>": 'the attribute "colour" is unknown',
    "<outline xmlUrl=''/>": "xmlUrl: the url is empty",
    "<outline xmlUrl='feed://a.example/'/>": "xmlUrl: the url must begin with http://",
    "<outline xmlUrl='javascript:alert(1)'/>": "xmlUrl: the url must begin with http://",
    "<outline xmlUrl='http:///rss'/>": "xmlUrl: the url has no host",
    "<outline xmlUrl='http://a.example:x/'/>": "xmlUrl: the url cannot be read",
    "<outline xmlUrl='http://a.example/a b'/>": "xmlUrl: the url holds white space",
    "<outline xmlUrl='http://a.example\\@b.example/'/>": "forbidden character",
    f"<outline xmlUrl='http://a.example/{'x' * 2000}'/>": "longer than 2000 bytes",
    "<outline xmlUrl='http://a.example/' htmlUrl='/about'/>": "htmlUrl: the url must begin",
    "<outline xmlUrl='http://a.example/' poll='soon'/>": "poll must look like 10m, 2h or 1d",
    "<outline xmlUrl='http://a.example/' poll=''/>": "poll must look like 10m, 2h or 1d",
    "<outline xmlUrl='http://a.example/' poll='30d'/>": "poll must lie between 1m and 7d",
    "<outline xmlUrl='http://a.example/' poll='0m'/>": "poll must lie between 1m and 7d",
    "<outline xmlUrl='http://a.example/' topics='AI'/>": 'the topic "AI" is unknown',
    "<outline xmlUrl='http://a.example/' language='English'/>": 'the language "English" is no',
    "<outline xmlUrl='http://a.example/'><outline text='b'/></outline>": "cannot hold outlines",
    "<feed xmlUrl='http://a.example/'/>": "<feed> is unknown",
}


@pytest.mark.parametrize("outline", MISTAKES)
def test_a_mistake_is_one_sentence_with_file_and_line(write_list, outline: str) -> None:
    path = write_list(f'<outline xmlUrl="http://fine.example/"/>\n{outline}')
    with pytest.raises(ConfigError) as caught:
        read_feed_list(path, TOPICS)
    assert MISTAKES[outline] in str(caught.value)
    assert str(caught.value).startswith(f"{path}:")
    assert "\n" not in str(caught.value)
    if "well-formed" not in MISTAKES[outline]:
        assert caught.value.line == 5
    assert caught.value.exit_code == 2


def test_a_feed_listed_twice_names_both_lines_however_it_is_spelt(write_list) -> None:
    path = write_list(
        '<outline xmlUrl="https://a.example/"/>\n<outline xmlUrl="HTTPS://u:p@A.example:443"/>'
    )
    with pytest.raises(ConfigError, match="listed twice, first on line 4") as caught:
        read_feed_list(path, TOPICS)
    assert caught.value.line == 5


def test_two_copies_on_one_line_are_found_too(write_list) -> None:
    path = write_list('<outline xmlUrl="http://a.example/"/><outline xmlUrl="http://a.example/"/>')
    with pytest.raises(ConfigError, match="listed twice"):
        read_feed_list(path, TOPICS)


@pytest.mark.parametrize(
    "doctype",
    [
        "<!DOCTYPE opml>",
        '<!DOCTYPE opml SYSTEM "http://127.0.0.1:1/opml.dtd">',
        '<!DOCTYPE opml [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
    ],
)
def test_a_document_type_declaration_is_refused(tmp_path: Path, doctype: str) -> None:
    path = tmp_path / "feeds.opml"
    path.write_text(f"{doctype}<opml><body/></opml>")
    with pytest.raises(ConfigError, match="document type declaration"):
        read_feed_list(path, TOPICS)


def test_an_entity_bomb_is_refused(tmp_path: Path) -> None:
    entities = "".join(
        f"<!ENTITY {chr(98 + i)} '{('&' + chr(97 + i) + ';') * 20}'>" for i in range(12)
    )
    path = tmp_path / "feeds.opml"
    path.write_text(f"<!DOCTYPE o [<!ENTITY a 'aaaa'>{entities}]><opml x='&m;'><body/></opml>")
    with pytest.raises(ConfigError):
        read_feed_list(path, TOPICS)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "not well-formed XML"),
        ("<rss/>", "not a feed list: the root is <rss>"),
        ("<opml/>", "exactly one <body>"),
    ],
)
def test_what_is_no_opml_is_refused(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "feeds.opml"
    path.write_text(text)
    with pytest.raises(ConfigError, match=message):
        read_feed_list(path, TOPICS)


def test_a_missing_list_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="the feed list cannot be read: No such file"):
        read_feed_list(tmp_path / "none.opml", TOPICS)


@given(st.binary(max_size=60), st.binary(max_size=60))
def test_whatever_stands_in_the_file_is_read_or_one_sentence(one: bytes, two: bytes) -> None:
    with tempfile.NamedTemporaryFile() as file:
        file.write(b"<opml><body><outline xmlUrl='http://" + one + b"'/>" + two + b"</body></opml>")
        file.flush()
        for read in (read_feed_list, lambda name, topics: read_foreign_list(Path(name), topics)):
            with suppress(ConfigError):
                read(file.name, TOPICS)


@given(st.text(st.characters(codec="utf-8", exclude_characters=":"), min_size=1), st.text())
def test_a_credential_survives_the_list(user: str, password: str) -> None:
    password = password.encode("utf-8", "replace").decode()
    url = join_credential("https://a.example:8443/rss?x=1#y", f"{user}:{password}")
    assert split_feed_url(url) == SplitFeedUrl(
        "https://a.example:8443/rss?x=1#y", f"{user}:{password}"
    )


@pytest.mark.parametrize(
    ("listed", "fetched", "is_same"),
    [
        ("https://a.example/", "https://a.example/x", True),
        ("https://a.example/", "https://A.example./x", True),
        ("http://a.example/", "https://a.example/", True),
        ("https://a.example/", "http://a.example/", False),
        ("https://a.example/", "https://b.a.example/", False),
        ("https://a.example/", "https://a.example:8443/", False),
        ("http://a.example:8080/", "https://a.example/", False),
        ("https://a.example/", "https://a.example@evil.example/", False),
    ],
)
def test_a_credential_stays_on_its_site(listed: str, fetched: str, is_same: bool) -> None:
    assert is_same_site(listed, fetched) is is_same
