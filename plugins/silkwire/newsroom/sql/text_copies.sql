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
ORDER BY article.first_seen_at, members.reason NULLS FIRST, article.article_key LIMIT 200
