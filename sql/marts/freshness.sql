-- One row: how fresh the warehouse is, and what is waiting.
-- column last_batch_at: when the last batch was done; decisions on single records do not count
-- column last_article_at: when the newest article was first seen; backlog counts only while there
--   is nothing else
-- column last_success_at: when a feed was last fetched without failure
-- column feeds_due_count: feeds that are due
-- column feeds_failing_count: feeds whose state is failing
-- column batches_held_count: held batches, which wait for a person to decide
-- column quarantine_open_count: open records, which wait for a person to decide
CREATE VIEW mart.freshness AS
SELECT
    (
        SELECT max(batch.finished_at) FROM ops.batch AS batch
        WHERE batch.trigger NOT IN ('review', 'retry', 'adopt')
    ) AS last_batch_at,
    coalesce(
        (
            SELECT article.first_seen_at
            FROM core.fact_article AS article
            INNER JOIN ops.feed AS feed ON article.first_feed_key = feed.feed_key
            WHERE
                NOT mart.is_backlog(
                    article.first_seen_at,
                    article.published_at,
                    article.published_precision,
                    feed.first_document_at
                )
            ORDER BY article.first_seen_at DESC
            LIMIT 1
        ),
        (SELECT max(article.first_seen_at) FROM core.fact_article AS article)
    ) AS last_article_at,
    (SELECT max(feed.last_success_at) FROM ops.feed AS feed) AS last_success_at,
    (
        SELECT count(*)::integer FROM ops.feed AS feed
        WHERE feed.state <> 'paused' AND feed.next_due_at <= now()
    ) AS feeds_due_count,
    (
        SELECT count(*)::integer FROM ops.feed AS feed
        WHERE feed.state = 'failing'
    ) AS feeds_failing_count,
    (
        SELECT count(*)::integer FROM ops.batch AS batch
        WHERE batch.verdict = 'held'
    ) AS batches_held_count,
    (
        SELECT count(*)::integer FROM ops.quarantine AS record
        WHERE record.status = 'open'
    ) AS quarantine_open_count;
