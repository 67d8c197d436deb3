"""No redirect, name or notation leads to a refused address: real servers, one of them a canary."""

import socket

import pytest

from helpers.attacking import SERVER, fetch, fetch_error, publisher
from helpers.publisher import FEED, Names, Publisher, answer, redirect
from silkwire.model import ErrorClass, FetchOutcome

__all__ = ["publisher"]  # the fixture
CANARY = "127.0.0.2"
EVERYWHERE = "::" if socket.has_dualstack_ipv6() else "0.0.0.0"


@pytest.fixture
def canary():
    """A server at 127.0.0.2, a refused address: no test may connect to it."""
    with Publisher(host=CANARY, pages={"/feed": answer(FEED)}) as server:
        yield server
        assert server.count_strangers() == 0


HIDDEN = [
    "127.0.0.2",
    "127.2",
    "2130706434",
    "0x7f.2",
    "0x7f000002",
    "0177.0.0.02",
    "[::ffff:127.0.0.2]",
    "[::ffff:7f00:2]",
    "[64:ff9b::7f00:2]",
    "[2002:7f00:2::]",
    "[::7f00:2]",
    "[::]",
    "[::1]",
    "0.0.0.0",
    "１２７.0.0.2",
    "user:word@127.0.0.2",
    "a.example@127.0.0.2",
]


@pytest.mark.parametrize("host", HIDDEN)
def test_refused_address_is_not_connected_to_in_any_notation(canary, host):
    assert fetch_error(canary.url("/feed", host)) is ErrorClass.REFUSED_ADDRESS


@pytest.mark.parametrize("host", [*HIDDEN, "localhost.", "LOCALHOST"])
def test_redirect_to_a_refused_address_is_not_followed(publisher, canary, host):
    names = Names(localhost=[CANARY], **{"localhost.": [CANARY]})
    publisher.add("/feed", redirect(canary.url("/feed", host)))
    assert fetch_error(publisher.url("/feed"), names) is ErrorClass.REFUSED_ADDRESS


@pytest.mark.parametrize(
    "host",
    [
        *("127.0.0.1", "[::ffff:127.0.0.1]", "[64:ff9b::7f00:1]", "2130706433", "0x7f.1"),
        *("localhost", "localhost.", "[::1]", "[::]", "0.0.0.0", "0", "127.1", "[::7f00:1]"),
    ],
)
def test_no_redirect_reaches_a_listener_on_every_address_of_this_machine(host):
    """The publisher has the only allowed address; the system resolves the names."""
    with Publisher(host=CANARY) as publisher, Publisher(host=EVERYWHERE) as canary:
        url = publisher.add("/feed", redirect(canary.url("/feed", host)))
        found = fetch_error(url, fetch_allow_private=f"{CANARY}/32")
        assert found is ErrorClass.REFUSED_ADDRESS
        assert publisher.paths() == ["/feed"]
        assert canary.count_strangers() == 0


def test_loopback_is_refused_by_default_also_for_names_of_the_system(publisher):
    publisher.add("/feed", answer(FEED))
    for host in ("127.0.0.1", "localhost", "localhost."):
        url = publisher.url("/feed", host)
        assert fetch_error(url, fetch_allow_private="") is ErrorClass.REFUSED_ADDRESS
    assert publisher.connection_count == 0


@pytest.mark.parametrize("address", [CANARY, f"::ffff:{CANARY}", "64:ff9b::7f00:2", "224.0.0.1"])
def test_name_with_a_refused_address_is_not_connected_to(canary, address):
    url = canary.url("/feed", "a.example")
    assert fetch_error(url, Names(default=address)) is ErrorClass.REFUSED_ADDRESS


@pytest.mark.parametrize("addresses", [f"{CANARY} {SERVER}", f"{SERVER} {CANARY}"])
def test_only_the_allowed_addresses_of_a_name_are_connected_to(addresses):
    with Publisher(host=SERVER) as publisher:
        url = publisher.add("/feed", answer(FEED)).replace(SERVER, "a.example")
        with Publisher(host=CANARY, port=publisher.port) as canary:
            assert fetch(url, Names(default=addresses)).result.outcome is FetchOutcome.NEW
            assert canary.count_strangers() == 0


def test_address_that_was_checked_is_the_one_connected_to(publisher, canary):
    names = Names(rebound_example=[SERVER, CANARY])
    publisher.add("/feed", answer(FEED))
    url = publisher.url("/feed", "rebound.example")
    assert fetch(url, names).result.outcome is FetchOutcome.NEW
    assert names.asked == ["rebound.example"]


def test_name_that_is_public_first_and_private_at_the_next_fetch_is_refused(publisher):
    publisher.add("/feed", answer(FEED))
    url = publisher.url("/feed", "rebound.example")
    with Publisher(host=CANARY, port=publisher.port) as canary:
        names = Names(rebound_example=[SERVER, CANARY])
        assert fetch(url, names).result.outcome is FetchOutcome.NEW
        assert fetch_error(url, names) is ErrorClass.REFUSED_ADDRESS
        assert canary.count_strangers() == 0


def test_name_that_is_rebound_between_two_hops_is_refused(publisher, canary):
    names = Names(rebound_example=[SERVER, CANARY], other_example=[SERVER])
    back = publisher.url("/b", "rebound.example")
    publisher.add("/a", redirect(publisher.url("/b", "other.example")))
    publisher.add("/b", redirect(canary.url("/feed", "rebound.example")))
    assert fetch_error(back.replace("/b", "/a"), names) is ErrorClass.REFUSED_ADDRESS


@pytest.mark.parametrize(
    "location",
    ["file:///etc/passwd", "ftp://127.0.0.1/", "gopher://127.0.0.1:70/", "data:,x", "http://[::"],
)
def test_redirect_to_another_scheme_is_refused(publisher, location):
    assert fetch_error(publisher.add("/a", redirect(location))) is ErrorClass.REFUSED_URL
