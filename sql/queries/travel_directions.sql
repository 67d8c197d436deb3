-- Which way does China travel news point: inbound, outbound, domestic, Hong Kong and Macau?
-- filters: outlet, language, feed, tag
-- param days: 7  how many days back
-- param until: now  the end of the period, an instant such as 2026-03-01T12:00Z
SELECT
    coalesce(direction.scope, 'unknown') AS scope,
    count(*)::integer AS article_count,
    count(DISTINCT article.outlet)::integer AS outlet_count,
    (array_agg(article.title ORDER BY article.score DESC, article.first_seen_at DESC))[1]
        AS for_example
FROM mart.filtered_articles('any', :outlet, :language, :feed, :tag, 'any') AS article
LEFT JOIN LATERAL unnest(article.scopes) AS direction (scope) ON TRUE
WHERE
    article.topics @> ARRAY['china_travel']
    AND article.first_seen_at > cast(:until AS timestamptz) - make_interval(days => :days)
    AND article.first_seen_at <= cast(:until AS timestamptz)
GROUP BY direction.scope
ORDER BY article_count DESC, direction.scope ASC
