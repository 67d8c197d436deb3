-- One row: the counts and times of `Status`. articles_expected is last week's rate
-- over :quiet, without backlog.
SELECT
    last_batch.batch_id AS last_batch_id,
    last_batch.finished_at AS last_batch_at,
    last_batch.verdict AS last_batch_verdict,
    freshness.last_success_at,
    freshness.last_article_at,
    (SELECT count(*) FROM core.fact_article) AS article_count,
    feeds.feed_count,
    freshness.feeds_due_count,
    freshness.feeds_failing_count,
    feeds.feeds_gone_count,
    feeds.feeds_unreached_count,
    freshness.batches_held_count,
    (
        SELECT count(*) FROM ops.batch AS batch
        WHERE batch.state = 'running' AND batch.lease_expires_at < :now
    ) AS batches_stuck_count,
    freshness.quarantine_open_count,
    (
        SELECT count(*) FROM ops.quarantine AS record
        WHERE record.status = 'open' AND record.fetched_at > :now - interval '1 day'
    ) AS quarantine_new_count,
    (
        SELECT
            cast(count(*) AS double precision)
            * extract(EPOCH FROM cast(:quiet AS interval)) / 604800
        FROM core.fact_article AS article
        INNER JOIN ops.feed AS feed ON article.first_feed_key = feed.feed_key
        WHERE
            article.first_seen_at > :now - :quiet - interval '7 days'
            AND article.first_seen_at <= :now - :quiet
            AND NOT mart.is_backlog(
                article.first_seen_at,
                article.published_at,
                article.published_precision,
                feed.first_document_at
            )
    ) AS articles_expected,
    (
        SELECT count(*) FROM core.fact_article AS article
        WHERE article.first_seen_at > :now - :quiet
    ) AS articles_recent_count,
    (
        SELECT count(*) FROM ops.notification AS message
        WHERE
            (message.status = 'given_up' AND message.due_at > :now - interval '1 day')
            OR (
                message.status = 'waiting'
                AND message.attempt_count > 0
                AND message.found_at < :now - interval '1 hour'
            )
    ) AS undelivered_count,
    pg_database_size(current_database()) AS warehouse_bytes
FROM mart.freshness AS freshness
CROSS JOIN (
    SELECT
        count(*) FILTER (WHERE feed.state <> 'paused') AS feed_count,
        count(*) FILTER (WHERE feed.state = 'gone') AS feeds_gone_count,
        count(*) FILTER (
            WHERE feed.state = 'healthy' AND feed.last_fetched_at > feed.last_success_at
        ) AS feeds_unreached_count
    FROM ops.feed AS feed
) AS feeds
LEFT JOIN LATERAL (
    SELECT
        batch.batch_id,
        batch.finished_at,
        batch.verdict
    FROM ops.batch AS batch
    WHERE batch.state = 'done' AND batch.trigger NOT IN ('review', 'retry', 'adopt')
    ORDER BY batch.finished_at DESC
    LIMIT 1
) AS last_batch ON TRUE
