-- Which feeds need attention, and why?
-- filters: outlet, tag
SELECT
    health.title,
    health.state,
    health.failure_count,
    health.last_error_class AS error_class,
    health.reason,
    coalesce(health.moved_to_url, health.suggested_feed_url) AS try_url,
    health.last_success_at
FROM mart.feed_health AS health
WHERE
    (
        health.state <> 'healthy'
        OR health.failure_count > 0
        OR health.moved_to_url IS NOT NULL
    )
    AND (:outlet = 'any' OR health.outlet = :outlet)
    AND (:tag = 'any' OR :tag = any(health.tags))
ORDER BY health.failure_count DESC, health.feed_url ASC
