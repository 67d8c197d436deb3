-- One row per day (UTC date of first_seen_at) and topic: how many articles, from how many outlets.
-- column day: UTC date of first_seen_at; a day without articles has no row
-- column topic: the topic; an article on two topics counts for both
-- column article_count: articles first seen on that day, without backlog
-- column outlet_count: outlets that had one of these articles first
-- column edit_count: edits of these and of the backlog, on that day or later
-- column backlog_count: articles first seen on that day that were out before their feed was first
--   read (mart.is_backlog)
CREATE VIEW mart.topic_daily AS
SELECT
    (article.first_seen_at AT TIME ZONE 'UTC')::date AS day,
    topic.topic,
    (count(*) FILTER (WHERE NOT article.is_backlog))::integer AS article_count,
    (count(DISTINCT article.outlet) FILTER (WHERE NOT article.is_backlog))::integer AS outlet_count,
    sum(article.edit_count)::integer AS edit_count,
    (count(*) FILTER (WHERE article.is_backlog))::integer AS backlog_count
FROM mart.articles AS article
CROSS JOIN LATERAL unnest(article.topics) AS topic (topic)
GROUP BY day, topic.topic;
