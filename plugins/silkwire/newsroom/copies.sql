-- The statements of `copies.py`, by name.

-- name: copies
-- The articles with the text of the given one, and how much later than the origin each was seen.
SELECT
    article.article_key,
    outlet.outlet,
    revision.title,
    article.canonical_url,
    article.first_seen_at,
    article.first_seen_at - origin.first_seen_at AS behind,
    members.reason,
    members.similarity
FROM mart.text_members(cast(:keys AS bigint[])) AS members
INNER JOIN core.fact_article AS article ON members.article_key = article.article_key
INNER JOIN core.fact_article AS origin ON members.origin_key = origin.article_key
INNER JOIN core.dim_outlet AS outlet ON article.outlet_key = outlet.outlet_key
INNER JOIN core.article_revision AS revision
    ON article.current_revision_key = revision.revision_key
ORDER BY article.first_seen_at, members.reason NULLS FIRST, article.article_key LIMIT 200;

-- name: carriers
-- For each given article, the other outlets whose feeds show its text, the first on top.
SELECT
    members.shown_key,
    outlet.outlet
FROM mart.text_members(cast(:keys AS bigint[])) AS members
INNER JOIN core.fact_article AS shown ON members.shown_key = shown.article_key
INNER JOIN core.fact_sighting AS sighting ON members.article_key = sighting.article_key
INNER JOIN core.dim_feed AS feed ON sighting.feed_key = feed.feed_key AND feed.is_current
INNER JOIN core.dim_outlet AS outlet ON feed.outlet_key = outlet.outlet_key
WHERE outlet.outlet_key <> shown.outlet_key
GROUP BY members.shown_key, outlet.outlet
ORDER BY members.shown_key, min(sighting.first_seen_at), outlet.outlet;
