"""Watches: what an analyst wants to be told of, and where to."""

from silkwire.watches.delivery import open_destination, send
from silkwire.watches.matching import Found, fits
from silkwire.watches.messages import Message, compose
from silkwire.watches.rules import OPERATORS, Destination, Watch, WatchList, load_watches

__all__ = [
    "OPERATORS",
    "Destination",
    "Found",
    "Message",
    "Watch",
    "WatchList",
    "compose",
    "fits",
    "load_watches",
    "open_destination",
    "send",
]
