-- Correct the counts of later batches: their revisions as they are now, and entries that are no
-- longer off topic.
CREATE TEMPORARY TABLE counted ON COMMIT DROP AS
SELECT * FROM late_counted;

CREATE TEMPORARY TABLE late_change ON COMMIT DROP AS
SELECT
    change.batch_id,
    change.feed_key,
    coalesce(sum(change.step) FILTER (WHERE change.kind = 'inserted'), 0) AS inserted_count,
    coalesce(sum(change.step) FILTER (WHERE change.kind = 'revised'), 0) AS revised_count,
    coalesce(sum(change.step) FILTER (WHERE change.kind = 'variant'), 0) AS variant_count,
    coalesce(sum(change.step) FILTER (WHERE change.kind <> 'off_topic'), 0) AS accepted_count,
    coalesce(sum(change.step) FILTER (WHERE change.kind = 'off_topic'), 0) AS off_topic_count
FROM (
    SELECT
        revision.batch_id,
        revision.feed_key,
        revision.kind,
        1 AS step
    FROM pg_temp.article_revision AS revision
    UNION ALL
    SELECT
        revision.batch_id,
        revision.feed_key,
        revision.kind,
        -1
    FROM late_revision AS revision
    UNION ALL
    SELECT
        entry.batch_id,
        entry.feed_key,
        'off_topic',
        -entry.entry_count
    FROM late_on_topic AS entry
) AS change
WHERE change.batch_id <> :batch_id
GROUP BY change.batch_id, change.feed_key;

UPDATE ops."fetch" AS attempt
SET
    accepted_count = attempt.accepted_count + change.accepted_count,
    off_topic_count = attempt.off_topic_count + change.off_topic_count,
    unchanged_count
    = attempt.unchanged_count - change.accepted_count - change.off_topic_count
FROM late_change AS change
WHERE attempt.batch_id = change.batch_id AND attempt.feed_key = change.feed_key;

UPDATE ops.batch
SET
    inserted_count = batch.inserted_count + total.inserted_count,
    revised_count = batch.revised_count + total.revised_count,
    variant_count = batch.variant_count + total.variant_count,
    accepted_count = batch.accepted_count + total.accepted_count,
    off_topic_count = batch.off_topic_count + total.off_topic_count,
    unchanged_count = batch.unchanged_count - total.accepted_count - total.off_topic_count
FROM (
    SELECT
        change.batch_id,
        sum(change.inserted_count) AS inserted_count,
        sum(change.revised_count) AS revised_count,
        sum(change.variant_count) AS variant_count,
        sum(change.accepted_count) AS accepted_count,
        sum(change.off_topic_count) AS off_topic_count
    FROM late_change AS change
    GROUP BY change.batch_id
) AS total
WHERE batch.batch_id = total.batch_id;
