"""Count the entries in a document's text, whether or not a parser can read them."""

import re

_MARK = re.compile(
    r"<(?:!--|!\[CDATA\[|((?:[\w.-]{1,40}:)?(?:item|entry))(?=[\s/>]))", re.IGNORECASE
)
_START = re.compile(r"<(?:[\w.-]{1,40}:)?(?:item|entry)[\s/>]", re.IGNORECASE)


def count_items(text: str) -> int:
    """Start tags of `item` and `entry` with any prefix, outside comments and CDATA."""
    if _START.search(text) is None:
        return 0
    count = position = 0
    while match := _MARK.search(text, position):
        position = match.end()
        if match[1]:
            count += 1
            continue
        close = text.find("-->" if match[0] == "<!--" else "]]>", position)
        if close < 0:
            break
        position = close + 3
    return count
