"""Decide which IP addresses a request may connect to. Pure."""

import ipaddress
from collections.abc import Iterator, Sequence

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
IPNetwork = ipaddress.IPv4Network | ipaddress.IPv6Network

_GLOBAL_UNICAST = ipaddress.IPv6Network("2000::/3")
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_REFUSED_V4 = (
    ipaddress.IPv4Network("100.64.0.0/10"),  # carrier-grade NAT (RFC 6598)
    ipaddress.IPv4Network("192.0.0.0/24"),  # protocol assignments (RFC 6890)
    ipaddress.IPv4Network("192.88.99.0/24"),  # 6to4 relays (RFC 7526)
    ipaddress.IPv4Network("240.0.0.0/4"),
)
_REFUSED_V6 = (
    ipaddress.IPv6Network("2001::/23"),  # Teredo, ORCHID and other assignments (RFC 2928)
    ipaddress.IPv6Network("2002::/16"),  # 6to4: holds an IPv4 address (RFC 7526)
    ipaddress.IPv6Network("3fff::/20"),  # documentation (RFC 9637)
)
_ISATAP = (0x0000_5EFE, 0x0200_5EFE)


def may_connect(address: str, allowed: Sequence[IPNetwork] = ()) -> bool:
    """Whether this is a public unicast address, or lies in one of the `allowed` networks.

    An IPv6 address that embeds an IPv4 address is public only if that one is. Text that is no
    address is refused.
    """
    try:
        ip: IPAddress = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped:
        ip = ip.ipv4_mapped
    return any(ip in network for network in allowed) or _is_public(ip)


def _is_public(ip: IPAddress) -> bool:
    # `is_global` alone is True for multicast, 64:ff9b::7f00:1, 2002:7f00:1:: and ::7f00:1.
    if isinstance(ip, ipaddress.IPv4Address):
        is_refused = any(ip in network for network in _REFUSED_V4)
        return ip.is_global and not ip.is_multicast and not is_refused
    is_refused = any(ip in network for network in _REFUSED_V6)
    is_unicast = ip in _GLOBAL_UNICAST and ip.is_global and not is_refused
    return (is_unicast or ip in _NAT64) and all(map(_is_public, _find_embedded(ip)))


def _find_embedded(ip: ipaddress.IPv6Address) -> Iterator[ipaddress.IPv4Address]:
    """The IPv4 address in a NAT64 (RFC 6052) or ISATAP (RFC 5214) address."""
    if ip in _NAT64 or (int(ip) >> 32) & 0xFFFF_FFFF in _ISATAP:
        yield ipaddress.IPv4Address(int(ip) & 0xFFFF_FFFF)
