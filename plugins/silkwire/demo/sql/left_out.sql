-- The off-topic entries with the highest scores.
SELECT
    outlet,
    coalesce(title, ''),
    coalesce(greatest(ai_score, china_travel_score), 0) AS score
FROM mart.off_topic_recent
ORDER BY greatest(ai_score, china_travel_score) DESC, entry_url LIMIT :limit
