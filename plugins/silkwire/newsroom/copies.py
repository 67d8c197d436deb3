"""Who else carries a text: other feeds with the same article, other articles with the same text."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, text


@dataclass(frozen=True, slots=True)
class Copy:
    """An article that carries the text; the origin, which had it first, has no `reason`."""

    article_key: int
    outlet: str
    title: str | None
    article_url: str | None
    first_seen_at: datetime
    behind: timedelta
    reason: str | None
    similarity: float | None


def read_copies(conn: Connection, article_key: int) -> tuple[Copy, ...]:
    """All articles that carry the text of this one, itself among them; empty if it is alone."""
    rows = conn.execute(text(_COPIES), {"keys": [article_key]}).all()
    return tuple(Copy(*row) for row in rows) if len(rows) > 1 else ()


def read_carriers(conn: Connection, article_keys: list[int]) -> Mapping[int, Sequence[str]]:
    """For each of these articles the other outlets whose feeds carry its text, the first ahead."""
    carriers: dict[int, list[str]] = {}
    for row in conn.execute(text(_CARRIERS), {"keys": article_keys}):
        carriers.setdefault(row.shown_key, []).append(row.outlet)
    return carriers


# Not mart.article_copies: that begins with every article, and here a few are asked for.
_MEMBERS = """
WITH texts AS (
    SELECT shown.article_key AS shown_key,
        coalesce(copy.origin_article_key, shown.article_key) AS origin_key
    FROM unnest(CAST(:keys AS bigint[])) AS shown (article_key)
    LEFT JOIN core.article_copy AS copy ON copy.article_key = shown.article_key
        AND copy.replaced_at IS NULL
), members AS (
    SELECT shown_key, origin_key, origin_key AS article_key, NULL AS reason,
        CAST(NULL AS double precision) AS similarity
    FROM texts
    UNION ALL
    SELECT texts.shown_key, texts.origin_key, copy.article_key, copy.reason, copy.similarity
    FROM texts
    INNER JOIN core.article_copy AS copy ON copy.origin_article_key = texts.origin_key
        AND copy.replaced_at IS NULL
)
"""

_COPIES = f"""{_MEMBERS}
SELECT article.article_key, outlet.outlet, revision.title, article.canonical_url,
    article.first_seen_at, article.first_seen_at - origin.first_seen_at AS behind,
    members.reason, members.similarity
FROM members
INNER JOIN core.fact_article AS article ON article.article_key = members.article_key
INNER JOIN core.fact_article AS origin ON origin.article_key = members.origin_key
INNER JOIN core.dim_outlet AS outlet ON outlet.outlet_key = article.outlet_key
INNER JOIN core.article_revision AS revision
    ON revision.revision_key = article.current_revision_key
ORDER BY article.first_seen_at, members.reason NULLS FIRST, article.article_key LIMIT 200
"""  # noqa: S608 - put together of our own words alone

_CARRIERS = f"""{_MEMBERS}
SELECT members.shown_key, outlet.outlet
FROM members
INNER JOIN core.fact_article AS shown ON shown.article_key = members.shown_key
INNER JOIN core.fact_sighting AS sighting ON sighting.article_key = members.article_key
INNER JOIN core.dim_feed AS feed ON feed.feed_key = sighting.feed_key AND feed.is_current
INNER JOIN core.dim_outlet AS outlet ON outlet.outlet_key = feed.outlet_key
WHERE outlet.outlet_key <> shown.outlet_key
GROUP BY members.shown_key, outlet.outlet
ORDER BY members.shown_key, min(sighting.first_seen_at), outlet.outlet
"""  # noqa: S608 - likewise
