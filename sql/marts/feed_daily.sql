-- One row per day (UTC) and feed: how often it was fetched, how that ended, and what it brought.
-- column day: UTC date of the fetches; a day without any has no row
-- column feed_key: the feed
-- column feed_url: as listed
-- column outlet: who publishes it
-- column fetch_count: fetches
-- column failed_count: fetches that failed
-- column news_count: fetches that brought a document with other entries than the one before
-- column fetched_count: entries in that day's documents, each counted as often as it was shown
-- column accepted_count: entries loaded into the warehouse
-- column off_topic_count: entries on no topic, each counted as often as it was shown
-- column quarantined_count: entries put into quarantine, each counted as often as it was shown
-- column wire_bytes: bytes received
-- column fetch_ms: milliseconds of all fetches together
-- column worst_fetch_ms: milliseconds of the slowest fetch
-- column tags: tags of the feed, as listed
CREATE VIEW mart.feed_daily AS
SELECT
    attempt.day,
    feed.feed_key,
    feed.feed_url,
    feed.outlet,
    attempt.fetch_count,
    attempt.failed_count,
    attempt.news_count,
    attempt.fetched_count,
    attempt.accepted_count,
    attempt.off_topic_count,
    attempt.quarantined_count,
    attempt.wire_bytes,
    attempt.fetch_ms,
    attempt.worst_fetch_ms,
    feed.tags
FROM (
    SELECT
        (each_fetch.started_at AT TIME ZONE 'UTC')::date AS day,
        each_fetch.feed_key,
        count(*)::integer AS fetch_count,
        (count(*) FILTER (WHERE each_fetch.outcome = 'failed'))::integer AS failed_count,
        (count(*) FILTER (WHERE each_fetch.outcome = 'new' AND NOT each_fetch.is_churn))::integer
            AS news_count,
        sum(each_fetch.fetched_count)::integer AS fetched_count,
        sum(each_fetch.accepted_count)::integer AS accepted_count,
        sum(each_fetch.off_topic_count)::integer AS off_topic_count,
        sum(each_fetch.quarantined_count)::integer AS quarantined_count,
        sum(each_fetch.wire_bytes)::bigint AS wire_bytes,
        sum(each_fetch.fetch_ms)::bigint AS fetch_ms,
        max(each_fetch.fetch_ms) AS worst_fetch_ms
    FROM ops."fetch" AS each_fetch
    GROUP BY day, each_fetch.feed_key
) AS attempt
INNER JOIN ops.feed AS feed ON attempt.feed_key = feed.feed_key;
