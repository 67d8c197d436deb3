-- One row per day (UTC date of first_seen_at) and topic: how many articles, from how many outlets.
-- column day: UTC date of first_seen_at; a day without articles has no row
-- column topic: the topic; an article on two topics counts for both
-- column article_count: articles first seen on that day
-- column outlet_count: outlets that had one of these articles first
-- column edit_count: edits of these articles, on that day or later
CREATE VIEW mart.topic_daily AS
SELECT
    (article.first_seen_at AT TIME ZONE 'UTC')::date AS day,
    topic.topic,
    count(*)::integer AS article_count,
    count(DISTINCT article.outlet)::integer AS outlet_count,
    sum(article.edit_count)::integer AS edit_count
FROM mart.articles AS article
CROSS JOIN LATERAL unnest(article.topics) AS topic (topic)
GROUP BY day, topic.topic;
