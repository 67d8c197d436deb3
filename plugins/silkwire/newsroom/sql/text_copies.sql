-- After text_members.sql: the articles with this text, and how much later each was seen.
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
