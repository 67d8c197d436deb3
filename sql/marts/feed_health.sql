-- One row per feed: its state, when it is fetched next, and what is wrong with it.
-- column feed_key: the feed
-- column feed_url: as listed
-- column title: as the list names it
-- column outlet: who publishes it
-- column state: healthy, failing, gone or paused
-- column reason: why it is paused; otherwise the last error
-- column last_error_class: the kind of the last error; NULL: none
-- column failure_count: failures in a row
-- column last_fetched_at: the last fetch
-- column last_success_at: the last fetch that did not fail
-- column last_new_entry_at: when it last showed a new entry
-- column next_due_at: when it is fetched next
-- column poll_interval: the time between two fetches
-- column fetch_count_24h: fetches in the last 24 hours
-- column failed_count_24h: fetches in the last 24 hours that failed
-- column accepted_count_24h: entries of these fetches that were loaded into the warehouse
-- column churn_count_24h: fetches in the last 24 hours that changed the bytes but no entry
-- column moved_to_url: where it is fetched instead, after a lasting redirect; NULL: as listed
-- column suggested_feed_url: a feed found on the web page that the server sent instead of a feed
-- column tags: tags of the feed, as listed
CREATE VIEW mart.feed_health AS
SELECT
    feed.feed_key,
    feed.feed_url,
    feed.title,
    feed.outlet,
    feed.state,
    coalesce(feed.paused_reason, feed.last_error) AS reason,
    feed.last_error_class,
    feed.failure_count,
    feed.last_fetched_at,
    feed.last_success_at,
    feed.last_new_entry_at,
    feed.next_due_at,
    feed.poll_interval,
    coalesce(day_before.fetch_count, 0) AS fetch_count_24h,
    coalesce(day_before.failed_count, 0) AS failed_count_24h,
    coalesce(day_before.accepted_count, 0) AS accepted_count_24h,
    coalesce(day_before.churn_count, 0) AS churn_count_24h,
    nullif(feed.fetch_url, feed.feed_url) AS moved_to_url,
    feed.suggested_feed_url,
    feed.tags
FROM ops.feed AS feed
LEFT JOIN LATERAL (
    SELECT
        count(*)::integer AS fetch_count,
        (count(*) FILTER (WHERE attempt.outcome = 'failed'))::integer AS failed_count,
        sum(attempt.accepted_count)::integer AS accepted_count,
        (count(*) FILTER (WHERE attempt.is_churn))::integer AS churn_count
    FROM ops."fetch" AS attempt
    WHERE
        attempt.feed_key = feed.feed_key
        AND attempt.started_at > now() - interval '24 hours'
) AS day_before ON TRUE;
