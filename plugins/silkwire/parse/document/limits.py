"""Limits of one document; a document that exceeds MAX_TAGS or a depth is refused."""

MAX_TAGS = 4_000_000  # an element takes some 200 bytes of memory
MAX_DEPTH = 200  # libxml2 stops at 256
MAX_JSON_DEPTH = 100
MAX_ENTRIES = 100_000  # the rest is not read
MAX_ATTRIBUTES = 200  # with more, none is read: lxml is quadratic in them
TOO_DEEP = "The document nests too many elements."


class LimitError(ValueError):
    """The document exceeds a limit; the message is one sentence for an operator."""
