-- Which stories are about AI and China travel at once, and who carries them?
-- param days: 7  how many days back
SELECT
    min(article.first_seen_at) AS first_seen_at,
    article.title,
    array_agg(DISTINCT article.outlet ORDER BY article.outlet) AS outlets,
    sum(article.feed_count)::integer AS feed_count,
    sum(article.edit_count)::integer AS edit_count
FROM mart.articles AS article
WHERE
    article.topics @> ARRAY['ai', 'china_travel']
    AND article.first_seen_at >= now() - make_interval(days => :days)
GROUP BY article.title
ORDER BY feed_count DESC, first_seen_at DESC, article.title ASC
