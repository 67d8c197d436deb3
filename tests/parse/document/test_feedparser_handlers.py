"""The handlers that override feedparser's for speed read what feedparser reads."""

from typing import Any

import pytest
from feedparser.mixin import _FeedParserMixin
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.places import SHARED
from silkwire.parse.document.feedparser_reader import FeedReader
from silkwire.parse.document.xml_tree import build_tree

CORPUS = SHARED / "corpus" / "feeds"

NAMES = (
    "title", "link", "description", "summary", "content", "content:encoded", "author", "name",
    "category", "image", "url", "source", "textinput", "svg", "div", "b", "guid", "enclosure",
    "media:title", "media:description", "m:content", "itunes:keywords", "unknown", "item", "entry",
)  # fmt: skip
ATTRIBUTES = (
    "", "", ' type="html"', ' type="xhtml"', ' type="text/plain"', ' mode="base64" type="x"',
    ' href="/x" rel="alternate"', ' xml:lang="fr"', " a=\"1\"",
)  # fmt: skip
TEXTS = (
    "", "  ", "text", "aGVsbG8=", "&lt;p&gt;one&lt;/p&gt; &amp;nbsp;", "\x85\xc3\xa9",
    "http://e.org/?a=1&amp;amp;copy;=2",
)  # fmt: skip
ROOTS = (
    '<rss version="2.0" xmlns:media="http://search.yahoo.com/mrss/"'
    ' xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>',
    '<feed xmlns="http://www.w3.org/2005/Atom" xmlns:m="http://search.yahoo.com/mrss/">',
    '<rss xmlns:media="http://purl.org/dc/elements/1.1/" xmlns:m="http://search.yahoo.com/mrss/">',
)
ELEMENTS = st.recursive(
    st.sampled_from(TEXTS),
    lambda inner: st.builds(
        lambda name, attributes, parts: f"<{name}{attributes}>{''.join(parts)}</{name}>",
        st.sampled_from(NAMES),
        st.sampled_from(ATTRIBUTES),
        st.lists(inner, max_size=4),
    ),
    max_leaves=12,
)


class FeedparsersOwn(FeedReader):
    """With feedparser's own method in place of the one that we override for speed."""

    pop = _FeedParserMixin.pop


def read(reader: FeedReader, text: str) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    root = build_tree(text)
    if root is not None:
        reader.read_tree(root)
    return [dict(entry) for entry in reader.entries], dict(reader.feeddata)


@given(st.sampled_from(ROOTS), st.lists(ELEMENTS, max_size=3), st.lists(ELEMENTS, max_size=8))
@settings(max_examples=1_000, deadline=None)
def test_elements_in_any_order_are_read_as_feedparser_reads_them(
    root: str, before: list[str], inside: list[str]
) -> None:
    text = f"{root}{''.join(before)}<item>{''.join(inside)}</item>"

    assert read(FeedReader(), text) == read(FeedparsersOwn(), text)


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus of real feeds is not here")
def test_real_documents_are_read_as_feedparser_reads_them() -> None:
    texts = [path.read_text("utf-8", "replace") for path in sorted(CORPUS.iterdir())[::4]]

    for text in texts:
        assert read(FeedReader(), text) == read(FeedparsersOwn(), text)
    assert len(texts) > 100
