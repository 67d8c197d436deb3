"""Watches: which new texts an analyst is notified of, and where."""

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
