-- Batches that are done; NULL where there is nothing to compare with.
WITH oldest AS (
    SELECT
        date_trunc('month', min(attempt.started_at) AT TIME ZONE 'UTC') AT TIME ZONE 'UTC'
            AS month_at
    FROM ops."fetch" AS attempt
),

fetched AS (
    SELECT
        attempt.batch_id,
        sum(attempt.fetched_count) AS fetched_count
    FROM ops."fetch" AS attempt
    GROUP BY attempt.batch_id
),

stored AS (
    SELECT
        revision.batch_id,
        count(*) AS revision_count
    FROM core.article_revision AS revision
    GROUP BY revision.batch_id
)

SELECT
    batch.batch_id,
    batch.fetched_count,
    batch.accepted_count + batch.unchanged_count + batch.off_topic_count
    + batch.quarantined_count AS counted_count,
    batch.accepted_count,
    batch.inserted_count + batch.revised_count + batch.variant_count AS article_count,
    CASE
        WHEN batch.verdict IN ('published', 'released') THEN coalesce(stored.revision_count, 0)
    END AS revision_count,
    CASE
        -- partitions of ops.fetch are dropped by the month
        WHEN
            batch.trigger NOT IN ('replay', 'review', 'retry', 'adopt')
            AND batch.started_at >= oldest.month_at
            THEN coalesce(fetched.fetched_count, 0)
    END AS attempt_fetched_count
FROM ops.batch AS batch
CROSS JOIN oldest
LEFT JOIN fetched ON batch.batch_id = fetched.batch_id
LEFT JOIN stored ON batch.batch_id = stored.batch_id
WHERE batch.state = 'done'
