-- name: list
WITH shown AS (
    SELECT
        feed.feed_key,
        CASE
            WHEN feed.state = 'healthy' AND feed.last_fetched_at IS NULL THEN 'new'
            ELSE feed.state
        END AS state
    FROM ops.feed AS feed
)

SELECT
    feed.feed_url,
    feed.fetch_url,
    feed.title,
    feed.outlet,
    feed.language,
    feed.tags,
    feed.topics,
    shown.state,
    feed.paused_reason,
    coalesce(feed.fixed_interval, feed.poll_interval) AS poll_interval,
    feed.next_due_at,
    feed.last_success_at,
    feed.last_new_entry_at,
    feed.failure_count,
    feed.last_error_class,
    feed.last_error,
    feed.moved_to_url,
    feed.suggested_feed_url
FROM ops.feed AS feed
INNER JOIN shown ON feed.feed_key = shown.feed_key
ORDER BY
    array_position(ARRAY['gone', 'failing', 'new', 'healthy', 'paused'], shown.state),
    feed.failure_count DESC,
    feed.outlet ASC,
    feed.feed_url ASC;
