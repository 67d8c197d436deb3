-- The counts of each document. A copy within its document has the outcome of the first entry, but
-- is unchanged if the first was accepted. An entry that the parser lost is quarantined.
CREATE TEMPORARY TABLE counted ON COMMIT DROP AS
SELECT
    document.feed_key,
    document.fetched_at,
    coalesce(entries.fetched_count, 0) + document.lost_count AS fetched_count,
    coalesce(entries.inserted_count, 0) AS inserted_count,
    coalesce(entries.revised_count, 0) AS revised_count,
    coalesce(entries.variant_count, 0) AS variant_count,
    coalesce(entries.unchanged_count, 0) AS unchanged_count,
    coalesce(entries.off_topic_count, 0) AS off_topic_count,
    coalesce(entries.quarantined_count, 0) + document.lost_count AS quarantined_count
FROM stage_document AS document
LEFT JOIN (
    SELECT
        decided.feed_key,
        sum(1 + decided.copy_count)::integer AS fetched_count,
        (count(*) FILTER (WHERE decided.outcome = 'inserted'))::integer AS inserted_count,
        (count(*) FILTER (WHERE decided.outcome = 'revised'))::integer AS revised_count,
        (count(*) FILTER (WHERE decided.outcome = 'variant'))::integer AS variant_count,
        sum(
            CASE
                WHEN decided.outcome = 'unchanged' THEN 1 + decided.copy_count
                WHEN decided.outcome IN ('inserted', 'revised', 'variant') THEN decided.copy_count
                ELSE 0
            END
        )::integer AS unchanged_count,
        coalesce(
            sum(1 + decided.copy_count) FILTER (WHERE decided.outcome = 'off_topic'), 0
        )::integer AS off_topic_count,
        coalesce(
            sum(1 + decided.copy_count) FILTER (WHERE decided.outcome = 'quarantined'), 0
        )::integer AS quarantined_count
    FROM decided
    GROUP BY decided.feed_key
) AS entries ON document.feed_key = entries.feed_key;
