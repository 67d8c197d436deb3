-- Revisions, each beside the one before it on its timeline.
WITH decided AS (
    SELECT DISTINCT decision.revision_key
    FROM core.fact_topic_match AS decision
)

SELECT
    revision.revision_key,
    revision.recorded_from,
    lag(revision.recorded_from) OVER timeline AS previous_recorded_from,
    revision.revision_number - row_number() OVER timeline AS skipped_count,
    CASE
        WHEN revision.text_hash = lag(revision.text_hash) OVER timeline THEN revision.revision_key
    END AS repeated_revision_key,
    feed.feed_key,
    decided.revision_key AS decided_revision_key
FROM core.article_revision AS revision
LEFT JOIN ops.feed AS feed ON revision.feed_key = feed.feed_key
LEFT JOIN decided ON revision.revision_key = decided.revision_key
WINDOW timeline AS (
    PARTITION BY revision.article_key, revision.feed_key ORDER BY revision.revision_number
)
