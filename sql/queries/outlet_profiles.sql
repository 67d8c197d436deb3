-- What does each outlet publish: how much, on which topics, how often edited, how often undated?
-- filters: topic, outlet, language, feed, tag
-- param days: 28  how many days back
-- param until: now  the end of the period, an instant such as 2026-03-01T12:00Z
SELECT
    article.outlet,
    (count(*) FILTER (WHERE NOT article.is_backlog))::integer AS article_count,
    (count(*) FILTER (WHERE NOT article.is_backlog AND article.topics @> ARRAY['ai']))::integer
        AS ai_count,
    (
        count(*) FILTER (WHERE NOT article.is_backlog AND article.topics @> ARRAY['china_travel'])
    )::integer AS china_travel_count,
    -- shares, languages and the last article count backlog, too
    round(avg((article.edit_count > 0)::integer), 3) AS edited_share,
    round(avg((article.published_at IS NULL)::integer), 3) AS undated_share,
    round(avg((article.summary IS NULL)::integer), 3) AS headline_only_share,
    array_agg(DISTINCT article.language ORDER BY article.language)
    FILTER (WHERE article.language IS NOT NULL) AS languages,
    max(article.first_seen_at) AS last_article_at,
    (count(*) FILTER (WHERE article.is_backlog))::integer AS backlog_count
FROM mart.filtered_articles(:topic, :outlet, :language, :feed, :tag, 'any') AS article
WHERE
    article.first_seen_at > cast(:until AS timestamptz) - make_interval(days => :days)
    AND article.first_seen_at <= cast(:until AS timestamptz)
GROUP BY article.outlet
ORDER BY article_count DESC, article.outlet ASC
