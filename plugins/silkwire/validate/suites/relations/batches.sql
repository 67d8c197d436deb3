-- Batches that are done; NULL where there is nothing to compare with.
SELECT
    batch.batch_id,
    batch.fetched_count,
    batch.accepted_count + batch.unchanged_count + batch.off_topic_count
    + batch.quarantined_count AS counted_count,
    batch.accepted_count,
    batch.inserted_count + batch.revised_count + batch.variant_count AS article_count,
    CASE
        WHEN batch.verdict IN ('published', 'released') THEN coalesce(revision.revision_count, 0)
    END AS revision_count,
    CASE
        -- old attempts are dropped by the month
        WHEN
            batch.trigger NOT IN ('replay', 'review', 'retry', 'adopt')
            AND batch.started_at >= oldest.month_at
            THEN coalesce(counted.fetched_count, 0)
    END AS attempt_fetched_count
FROM ops.batch AS batch
CROSS JOIN (
    SELECT
        date_trunc('month', min(attempt.started_at) AT TIME ZONE 'UTC') AT TIME ZONE 'UTC'
            AS month_at
    FROM ops."fetch" AS attempt
) AS oldest
LEFT JOIN (
    SELECT
        attempt.batch_id,
        sum(attempt.fetched_count) AS fetched_count
    FROM ops."fetch" AS attempt
    GROUP BY attempt.batch_id
) AS counted ON batch.batch_id = counted.batch_id
LEFT JOIN (
    SELECT
        article_revision.batch_id,
        count(*) AS revision_count
    FROM core.article_revision
    GROUP BY article_revision.batch_id
) AS revision ON batch.batch_id = revision.batch_id
WHERE batch.state = 'done'
