-- Write the counts to ops.fetch and ops.batch, and mark the batch done.
UPDATE ops."fetch" AS attempt
SET
    fetched_count = counted.fetched_count,
    accepted_count = counted.inserted_count + counted.revised_count + counted.variant_count,
    unchanged_count = counted.unchanged_count,
    off_topic_count = counted.off_topic_count,
    quarantined_count = counted.quarantined_count
FROM counted
WHERE attempt.batch_id = :batch_id AND attempt.feed_key = counted.feed_key;

UPDATE ops.batch
SET
    state = 'done',
    verdict = :verdict,
    verdict_reason = coalesce(:verdict_reason, verdict_reason),
    reviewer = :reviewer,
    decided_at = CASE WHEN :verdict = 'released' THEN cast(:now AS timestamptz) END,
    finished_at = :now,
    fetched_count = total.fetched_count,
    accepted_count = total.inserted_count + total.revised_count + total.variant_count,
    unchanged_count = total.unchanged_count,
    off_topic_count = total.off_topic_count,
    quarantined_count = total.quarantined_count,
    inserted_count = total.inserted_count,
    revised_count = total.revised_count,
    variant_count = total.variant_count
FROM (
    SELECT
        coalesce(sum(counted.fetched_count), 0) AS fetched_count,
        coalesce(sum(counted.inserted_count), 0) AS inserted_count,
        coalesce(sum(counted.revised_count), 0) AS revised_count,
        coalesce(sum(counted.variant_count), 0) AS variant_count,
        coalesce(sum(counted.unchanged_count), 0) AS unchanged_count,
        coalesce(sum(counted.off_topic_count), 0) AS off_topic_count,
        coalesce(sum(counted.quarantined_count), 0) AS quarantined_count
    FROM counted
) AS total
WHERE batch.batch_id = :batch_id;
