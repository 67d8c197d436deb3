"""Which articles are one text to a watch, so that it is notified of the first of them only.

Articles of a group of copies may share no more than a lead. A watch takes two of them for one text
only if titles or bodies say so, too: a second message is better than news that nobody hears of.
"""

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import Connection, text

from silkwire.syndication import ArticleText, is_surely_one_text

_COPIED_TEXTS = text(Path(__file__).with_name("copied_texts.sql").read_text("utf-8"))
_CHARACTERS = 2_000


def find_first_articles(conn: Connection, origin_keys: Sequence[int]) -> dict[int, int]:
    """By each article of these groups of copies, the one loaded first that is surely its text."""
    groups: dict[int, list[tuple[int, ArticleText]]] = defaultdict(list)
    first: dict[int, int] = {}
    values = {"origin_keys": list(origin_keys), "length": _CHARACTERS}
    for row in conn.execute(_COPIED_TEXTS, values) if origin_keys else ():
        found = ArticleText(row.title, row.lead, row.outlet, body=row.body)
        known = groups[row.origin_key]
        same = next((key for key, other in known if is_surely_one_text(found, other)), None)
        first[row.article_key] = row.article_key if same is None else first[same]
        known.append((row.article_key, found))
    return first
