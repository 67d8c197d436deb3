"""How many entries the text of a document holds, whoever can read them. No parser."""

import re

_ITEM = re.compile(
    r"<!--.*?(?:-->|\Z)|<!\[CDATA\[.*?(?:\]\]>|\Z)|<((?:[\w.-]{1,40}:)?(?:item|entry))(?=[\s/>])",
    re.DOTALL | re.IGNORECASE,
)
_START = re.compile(r"<(?:[\w.-]{1,40}:)?(?:item|entry)[\s/>]", re.IGNORECASE)


def count_items(text: str) -> int:
    """Start tags of `item` and `entry`, whatever their prefix, outside comments and CDATA."""
    if _START.search(text) is None:
        return 0
    return sum(1 for match in _ITEM.finditer(text) if match[1])
