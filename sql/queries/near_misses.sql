-- Which off-topic entries came closest to being kept?
-- param limit: 20  how many at most
SELECT
    entry.outlet,
    entry.title,
    entry.ai_score,
    entry.china_travel_score,
    entry.nearest_topic,
    entry.entry_url
FROM mart.off_topic_recent AS entry
ORDER BY
    entry.nearest_score DESC,
    entry.last_seen_at DESC,
    entry.entry_url ASC
LIMIT :limit
