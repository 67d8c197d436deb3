"""Canonical urls (edge case 25)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from silkwire.parse.entry.urls import canonicalize_url, resolve_url


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("HTTPS://News.Example.ORG/Path/A?B=C", "https://news.example.org/Path/A?B=C"),
        ("http://example.org:80/a", "http://example.org/a"),
        ("https://example.org:443/a", "https://example.org/a"),
        ("http://example.org:443/a", "http://example.org:443/a"),
        ("https://example.org:8443/a", "https://example.org:8443/a"),
        ("https://example.org:/a", "https://example.org/a"),
        ("https://example.org/a#comments", "https://example.org/a"),
        ("https://example.org/a?utm_source=rss&id=7&utm_medium=x", "https://example.org/a?id=7"),
        ("https://example.org/a?at_medium=RSS&at_campaign=K", "https://example.org/a"),
        ("https://example.org/a?UTM_Source=rss&FBCLID=1", "https://example.org/a"),
        ("https://example.org/a?ns_mchannel=rss&cmp=1&ito=2&smid=3&ref=4", "https://example.org/a"),
        (
            "https://example.org/a?reference=1&atmosphere=2",
            "https://example.org/a?reference=1&atmosphere=2",
        ),
        ("https://example.org/a?b=2&a=1&b=2", "https://example.org/a?b=2&a=1&b=2"),
        ("https://example.org/a?b&&c=", "https://example.org/a?b&&c="),
        ("https://example.org/a?", "https://example.org/a?"),
        ("https://example.org/a?b", "https://example.org/a?b"),
        ("https://example.org/a?b&utm_source=x&c&d", "https://example.org/a?b&c&d"),
        ("https://example.org/a?fbclid=x=y&b", "https://example.org/a?b"),
        ("https://example.org/a?b=utm_source=x", "https://example.org/a?b=utm_source=x"),
        ("https://example.org/a?&&", "https://example.org/a?&&"),
        ("https://example.org/%7Ea/%e4", "https://example.org/%7Ea/%e4"),
        ("https://example.org/中国?q=人工", "https://example.org/中国?q=人工"),
        ("https://Bücher.example/a", "https://bücher.example/a"),
        ("https://user:Pass@Example.org/a", "https://user:Pass@example.org/a"),
        ("https://example.org", "https://example.org"),
        ("https://[2001:DB8::1]:443/a", "https://[2001:db8::1]/a"),
        ("https://[broken/a", "https://[broken/a"),
        (" https://example.org/a\n/b ", "https://example.org/a/b"),
        ("mailto:desk@example.org", None),
        ("urn:uuid:1", None),
        ("/relative", None),
        ("//example.org/a", None),
        ("https:///a", None),
        ("http:// #top", None),
        ("http://e.org/a #top", "http://e.org/a"),
        ("http://e.org/a ?utm_source=x", "http://e.org/a"),
        ("http://e.org:80:/a", "http://e.org/a"),
        ("", None),
        (None, None),
    ],
)
def test_canonical_urls(url, expected):
    assert canonicalize_url(url) == expected


@given(st.text() | st.text("a:804 3?#&=@/_utm"))
def test_canonicalizing_again_changes_nothing(text):
    once = canonicalize_url("http://" + text)
    assert once is None or canonicalize_url(once) == once


@pytest.mark.parametrize(
    ("base", "url", "expected"),
    [
        ("https://example.org/feeds/all.xml", "../news/1", "https://example.org/news/1"),
        ("https://example.org/feeds/all.xml", "//cdn.example.org/1", "https://cdn.example.org/1"),
        ("https://example.org/", "HTTP://Other.example/../x", "HTTP://Other.example/../x"),
        ("https://example.org/", "HTTPS://Example.org/a/../x", "HTTPS://Example.org/a/../x"),
        (None, "/news/1", "/news/1"),
        ("", "/news/1", "/news/1"),
        ("https://example.org/", "", ""),
        ("https://[", "/news/1", "/news/1"),
    ],
)
def test_only_relative_urls_are_resolved(base, url, expected):
    assert resolve_url(base, url) == expected
