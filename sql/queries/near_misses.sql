-- Which off-topic entries came closest to being kept?
-- filters: topic, outlet, language, feed, tag
-- param limit: 20  how many at most
SELECT
    entry.outlet,
    entry.title,
    entry.ai_score,
    entry.china_travel_score,
    entry.nearest_topic,
    entry.entry_url,
    CASE :topic
        WHEN 'any' THEN entry.nearest_score
        ELSE (entry.scores ->> :topic)::real
    END AS score
FROM mart.off_topic_recent AS entry
WHERE
    (:topic = 'any' OR entry.scores ? :topic)
    AND (:outlet = 'any' OR entry.outlet = :outlet)
    AND (
        :language = 'any'
        OR entry.language = :language
        OR starts_with(entry.language, :language || '-')
    )
    AND (:feed = 'any' OR entry.feed_url = :feed)
    AND (:tag = 'any' OR :tag = any(entry.tags))
ORDER BY
    score DESC,
    entry.last_seen_at DESC,
    entry.entry_url ASC
LIMIT :limit
