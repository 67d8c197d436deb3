"""Parsing the url of a request."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from silkwire.fetch.urls import (
    RefusedUrlError,
    parse_target,
    resolve_location,
)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("HTTP://A.Example", "http://a.example/"),
        ("http://a.example:80/x", "http://a.example/x"),
        ("https://a.example:8443/x?y#z", "https://a.example:8443/x?y"),
        ("http://a.example/%7Ex/%2Fy?sig=a%2Bb==&u=http://b/", None),
        ("http://a.example/新闻?q=中 国", "http://a.example/%E6%96%B0%E9%97%BB?q=%E4%B8%AD%20%E5%9B%BD"),
        ("http://例え.example/", "http://xn--r8jz45g.example/"),
        ("http://faß.example/", "http://xn--fa-hia.example/"),
        ("http://[2606:4700:0:0::1]:80/", "http://[2606:4700::1]/"),
        ("  http://a.exam\nple/\tx ", "http://a.example/x"),
        ("http://good.example\\@evil.example/", "http://good.example/@evil.example/"),
        ("http://good.example@evil.example/", "http://evil.example/"),
        ("http://2130706433/", "http://127.0.0.1/"),
        ("http://0x7f.1/", "http://127.0.0.1/"),
        ("http://0177.0.0.1/", "http://127.0.0.1/"),
        ("http://127.1./", "http://127.0.0.1/"),
        ("http://１２７.0.0.1/", "http://127.0.0.1/"),
        ("http://%31%32%37.0.0.1/", "http://127.0.0.1/"),
        ("http://127。0。0。1/", "http://127.0.0.1/"),
        ("http://a_b.example/", "http://a_b.example/"),
        ("http://localhost./", "http://localhost./"),
    ],
)  # fmt: skip
def test_url_is_read_as_browsers_read_it(url, expected):
    assert parse_target(url).url == (expected or url)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "a.example/feed",
        "//a.example/feed",
        "ftp://a.example/",
        "file:///etc/passwd",
        "gopher://a.example/",
        "javascript:alert(1)",
        "http://",
        "http:///feed",
        "http://a.example:99999/",
        "http://a.example:x/",
        "http://[::1",
        "http://[fe80::1%25eth0]/",
        "http://a b.example/",
        "http://a.example%2f/",
        "http://a%00.example/",
        "http://1.2.3.4.5/",
        "http://999.1.1.1/",
        "http://./",
        "http://a.example/" + "x" * 8000,
    ],
)
def test_what_is_no_http_url_is_refused(url):
    with pytest.raises(RefusedUrlError):
        parse_target(url)


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://a.example/" + "x" * 7_984, "the url is longer than 8,000 characters"),
        ("http://a.example/\x01", "the url holds control characters"),
        ("http://a.example:x/", "the url is malformed"),
        ("ftp://a.example/", "the scheme 'ftp' is not http or https"),
        (f"{'s' * 21}://a.example/", f"the scheme '{'s' * 20}' is not http or https"),
        ("http:///feed", "the url has no host"),
        ("http://[fe80::1%25eth0]/", "the url's IPv6 address is malformed"),
        ("http://☃☃.☃-.example/", "the url's host is not a name (IDNA)"),
        ("http://a.example%2f/", "the url's host is malformed"),
        ("http://./", "the url's host is malformed"),
        ("http://999.1.1.1/", "the url's numeric host is malformed"),
    ],
)
def test_a_refusal_says_why_in_one_sentence(url, why):
    with pytest.raises(RefusedUrlError) as refused:
        parse_target(url)
    assert str(refused.value) == why


def test_a_url_may_have_eight_thousand_characters():
    url = "http://a.example/" + "x" * 7_983
    assert parse_target(url).url == url


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("?x\\y", "http://a.example/b/c?x\\y"),
        ("#x\\y", "http://a.example/b/c"),
        ("\\d?e?f\\g", "http://a.example/d?e?f\\g"),
        ("X.x\\y", "http://a.example/b/X.x/y"),
        ("d?e\\f?g", "http://a.example/b/d?e\\f?g"),
        ("d\n/\te\r", "http://a.example/b/d/e"),
    ],
)
def test_a_backslash_before_the_query_alone_is_a_slash(url, expected):
    base = parse_target("http://a.example/b/c")
    assert resolve_location(base, url).url == expected.replace("\\", "%5C")


def test_a_host_may_be_named_x():
    assert parse_target("http://X/").url == "http://x/"
    assert parse_target("http://x.1x./").url == "http://x.1x./"


@pytest.mark.parametrize(
    ("userinfo", "expected"),
    [
        ("us%40er:p%3Aw@", "us@er:p:w"),
        ("user@", "user:"),
        (":word@", ":word"),
        ("@", ":"),
        ("", None),
    ],
)
def test_credentials_are_taken_out_of_the_url(userinfo, expected):
    target = parse_target(f"http://{userinfo}a.example/")
    assert (target.url, target.credentials) == ("http://a.example/", expected)


def test_redirect_is_resolved_against_the_url_that_sent_it():
    base = parse_target("https://a.example/x/feed?y")
    assert resolve_location(base, "../z?q=é").url == "https://a.example/z?q=%C3%A9"
    assert resolve_location(base, "//b.example").url == "https://b.example/"
    assert resolve_location(base, "/\\b.example/x").url == "https://b.example/x"
    with pytest.raises(RefusedUrlError, match=r"^the redirect's url is malformed$"):
        resolve_location(base, "http://[")


def test_location_in_raw_bytes_is_quoted_as_they_are():
    base = parse_target("http://a.example/")
    raw = b"/\xd0\xc2\xce\xc5".decode("utf-8", "surrogateescape")
    assert resolve_location(base, raw).url == "http://a.example/%D0%C2%CE%C5"


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused_and_reads_the_same_again(text):
    with contextlib.suppress(RefusedUrlError):
        target = parse_target("http://" + text)
        assert target.url.isascii()
        again = parse_target(target.url)
        assert (again.url, again.host, again.port) == (target.url, target.host, target.port)
