"""robots.txt as RFC 9309 defines it, with the RFC's examples."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from silkwire.fetch.robots import may_read

RFC_5_1 = b"""
User-Agent: *
Disallow: *.gif$
Disallow: /example/
Allow: /publications/

User-Agent: foobot
Disallow:/
Allow:/example/page.html
Allow:/example/allowed.gif

User-Agent: barbot
User-Agent: bazbot
Disallow: /example/page.html

User-Agent: quxbot
"""


@pytest.mark.parametrize(
    ("product", "path", "expected"),
    [
        ("silkwire", "/a.gif", False),
        ("silkwire", "/a.gif?x", True),
        ("silkwire", "/example/", False),
        ("silkwire", "/example", True),
        ("silkwire", "/publications/a.gif", True),
        ("foobot", "/", False),
        ("foobot", "/example/page.html", True),
        ("FooBot", "/example/allowed.gif", True),
        ("foobot", "/publications/", False),
        ("barbot", "/example/page.html", False),
        ("bazbot", "/example/page.html", False),
        ("barbot", "/a.gif", True),
        ("quxbot", "/example/", True),
    ],
)
def test_the_group_of_the_product_counts_and_its_longest_rule_decides(
    product: str, path: str, expected: bool
) -> None:
    assert may_read(RFC_5_1, f"https://a.example{path}", product) is expected


@pytest.mark.parametrize(
    ("rule", "path", "expected"),
    [
        ("/", "/", False),
        ("", "/a", True),
        ("/fish", "/fish/salmon.html", False),
        ("/fish", "/Fish", True),
        ("/fish*.php", "/fishheads/cat.php?id=4", False),
        ("/*.php$", "/folder/file.php", False),
        ("/*.php$", "/file.php?x", True),
        ("/a$", "/a", False),
        ("/a$", "/ab", True),
        ("/*/b/*/c", "/a/b/x/c", False),
        ("/*/b/*/c", "/a/b/c", True),
        ("/*a*a$", "/ba", True),
        ("/foo/bar/\u30c4", "/foo/bar/%E3%83%84", False),
        ("/foo/bar/%62%61%7A", "/foo/bar/baz", False),
        ("/a%3cd.html", "/a%3Cd.html", False),
        ("/?", "/?page=2", False),
    ],
)
def test_rules_match_paths_as_the_rfc_says(rule: str, path: str, expected: bool) -> None:
    robots = f"user-agent: *\ndisallow: {rule} # why\n".encode()
    assert may_read(robots, f"https://a.example{path}") is expected


@pytest.mark.parametrize(
    "robots",
    [
        b"",
        b"\xff\xfe\x00",
        b"<html>not found</html>",
        b"Disallow: /\n",
        b"User-agent: other\nDisallow: /\n",
        b"User-agent: *\nDisallow:\n",
        b"User-agent: *\nDisallow: /\nUser-agent: silkwire/1.0\nAllow: /\n",
    ],
)
def test_a_file_without_a_rule_for_us_allows_everything(robots: bytes) -> None:
    assert may_read(robots, "https://a.example/page")


def test_groups_of_one_product_are_merged_with_any_line_ends_and_a_byte_order_mark() -> None:
    robots = b"\xef\xbb\xbfUser-agent: Silkwire\rDisallow: /a\r\rUser-agent: SILKWIRE\rDisallow: /b"
    assert [may_read(robots, f"https://a.example/{path}") for path in "abc"] == [False, False, True]


def test_robots_itself_may_always_be_read() -> None:
    assert may_read(b"User-agent: *\nDisallow: /", "https://a.example/robots.txt")


def test_a_rule_full_of_stars_is_matched_without_backtracking() -> None:
    robots = b"User-agent: *\n" + b"Disallow: /" + b"a*" * 50_000 + b"b$\n"
    assert may_read(robots, "https://a.example/" + "a" * 5_000)  # patterns would never end


@given(st.binary(max_size=200), st.text(max_size=20))
def test_any_bytes_are_read(robots: bytes, path: str) -> None:
    assert may_read(b"User-agent: *\n" + robots, f"https://a.example/{path}") in (True, False)
