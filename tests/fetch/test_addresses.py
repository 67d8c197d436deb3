"""Which addresses may be connected to."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from silkwire.fetch.addresses import may_connect

PUBLIC = [
    "8.8.8.8",
    "192.0.78.9",
    "2606:4700::1111",
    "::ffff:8.8.8.8",
    "64:ff9b::808:808",
]
REFUSED = [
    "0.0.0.0",
    "0.1.2.3",
    "10.1.2.3",
    "100.64.0.1",
    "100.127.255.255",
    "127.0.0.1",
    "127.255.255.254",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.8",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::7f00:1",
    "::ffff:127.0.0.1",
    "::ffff:0:127.0.0.1",
    "::ffff:10.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::a00:1",
    "64:ff9b:1::808:808",
    "100::1",
    "2001::1",
    "2001:0:808:808::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "2002:808:808::1",
    "2002:a00:1::1",
    "2606:4700::5efe:7f00:1",
    "2606:4700::200:5efe:a00:1",
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd12:3456::1",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
    "ff0e::1",
    "localhost",
    "",
]


@pytest.mark.parametrize("address", PUBLIC)
def test_public_address_may_be_connected_to(address):
    assert may_connect(address)


@pytest.mark.parametrize("address", REFUSED)
def test_address_that_is_not_public_unicast_is_refused(address):
    assert not may_connect(address)


def test_allowed_network_opens_itself_alone():
    allowed = (ipaddress.ip_network("10.1.0.0/16"), ipaddress.ip_network("fd00::/64"))
    assert may_connect("10.1.2.3", allowed)
    assert may_connect("::ffff:10.1.2.3", allowed)
    assert may_connect("fd00::5", allowed)
    assert not may_connect("10.2.0.1", allowed)
    assert not may_connect("64:ff9b::a01:203", allowed)
    assert not may_connect("fd00:0:0:1::5", allowed)


PRIVATE = st.sampled_from(["10.0.0.0/8", "127.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"])


@given(PRIVATE, st.integers(0, 2**32 - 1))
def test_private_address_is_refused_in_every_disguise(network, number):
    network = ipaddress.ip_network(network)
    low = int(network.network_address) | number & int(network.hostmask)
    disguises = [
        low,
        0xFFFF << 32 | low,
        0x0064_FF9B << 96 | low,
        0x2002 << 112 | low << 80 | 1,
        0x2606_4700 << 96 | 0x0000_5EFE << 32 | low,
    ]
    shown = [str(ipaddress.IPv4Address(low))]
    shown += [str(ipaddress.IPv6Address(number)) for number in disguises]
    assert [may_connect(address) for address in shown] == [False] * 6
