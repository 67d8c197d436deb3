-- One row per day (UTC date of first_seen_at) and outlet: its on-topic articles by topic. Counts by
-- topic leave backlog out.
-- column day: UTC date of first_seen_at; a day without articles has no row
-- column outlet: who had the article first
-- column article_count: articles on any topic
-- column ai_count: articles on ai
-- column china_travel_count: articles on china_travel
-- column both_count: articles on both topics, which ai_count and china_travel_count include
-- column edit_count: edits of these and of the backlog, on that day or later
-- column backlog_count: articles first seen on that day that were out before their feed was first
--   read (mart.is_backlog)
CREATE VIEW mart.outlet_daily AS
SELECT
    (article.first_seen_at AT TIME ZONE 'UTC')::date AS day,
    article.outlet,
    (count(*) FILTER (WHERE NOT article.is_backlog))::integer AS article_count,
    (count(*) FILTER (WHERE NOT article.is_backlog AND 'ai' = any(article.topics)))::integer
        AS ai_count,
    (
        count(*) FILTER (WHERE NOT article.is_backlog AND 'china_travel' = any(article.topics))
    )::integer
        AS china_travel_count,
    (
        count(*) FILTER (
            WHERE NOT article.is_backlog AND article.topics @> ARRAY['ai', 'china_travel']
        )
    )::integer AS both_count,
    sum(article.edit_count)::integer AS edit_count,
    (count(*) FILTER (WHERE article.is_backlog))::integer AS backlog_count
FROM mart.articles AS article
GROUP BY day, article.outlet;
