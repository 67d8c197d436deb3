"""Where credentials are sent, and that they are redacted everywhere else."""

import pytest

from silkwire.fetch.credentials import drop_credentials, may_send_credentials, redact
from silkwire.fetch.urls import parse_target


@pytest.mark.parametrize(
    ("first", "then", "expected"),
    [
        ("http://a.example/x", "http://a.example/y", True),
        ("http://a.example/", "https://a.example/", True),
        ("https://a.example/", "http://a.example/", False),
        ("http://a.example/", "http://a.example:8080/", False),
        ("https://a.example/", "https://www.a.example/", False),
    ],
)
def test_credentials_stay_with_their_origin(first, then, expected):
    assert may_send_credentials(parse_target(first), parse_target(then)) is expected


def test_credentials_are_dropped_from_what_is_shown():
    assert drop_credentials("https://u:p@a.example/x@y") == "https://a.example/x@y"
    assert drop_credentials("https://a.example/x@y") == "https://a.example/x@y"
    assert drop_credentials("no url") == "no url"
    assert drop_credentials(" HTTP://u:p@a.example/ ") == "HTTP://a.example/"


def test_credentials_in_any_form_are_taken_out_of_text():
    text = "u:p&w2/x u:p%26w2/x dTpwJncyL3g= p%26w2%2Fx"
    assert redact(text, "u:p&w2/x") == "*** *** *** ***"
    assert redact(text, None) == text


def test_short_password_is_taken_out_with_its_user_only():
    assert redact("a feed for u:a", "u:a") == "a feed for ***"
