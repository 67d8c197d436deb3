"""Sanitise the HTML of entries."""

import re

import nh3

_MAX_NESTING = 1000
_NESTING = re.compile(  # all elements but those that a parser closes by itself or that are empty
    r"<(/?)(?!(?:p|li|dt|dd|tr|td|th|option|br|hr|img|input|meta|link|wbr|source|col)\b)[a-z]",
    re.IGNORECASE,
)
_CLEANER = nh3.Cleaner()


def sanitize_html(text: str) -> str | None:
    """`text` as HTML that executes nothing; None if it nests too deep to be cleaned in time."""
    return None if _nests_too_deep(text) else _CLEANER.clean(text)


def _nests_too_deep(text: str) -> bool:
    """The HTML parser's time is quadratic in the depth: 60,000 levels took 12 s."""
    if text.count("<") <= _MAX_NESTING:
        return False
    depth = 0
    for match in _NESTING.finditer(text):
        depth = max(0, depth - 1) if match[1] else depth + 1
        if depth > _MAX_NESTING:
            return True
    return False
