-- The statements of `batch.py`, by name; those of the load itself are in the folder `sql`.

-- name: placed
SELECT
    entry_number,
    revision_key
FROM placed
WHERE revision_key IS NOT NULL;

-- name: ruleset_key
SELECT ruleset_key FROM core.dim_ruleset
WHERE version = :version;

-- name: counts
SELECT
    coalesce(sum(fetched_count), 0),
    coalesce(sum(inserted_count), 0),
    coalesce(sum(revised_count), 0),
    coalesce(sum(variant_count), 0),
    coalesce(sum(unchanged_count), 0),
    coalesce(sum(off_topic_count), 0),
    coalesce(sum(quarantined_count), 0)
FROM counted;

-- name: new_counts
SELECT
    decided.feed_key,
    count(*) AS new_count
FROM decided
LEFT JOIN ops.off_topic AS known
    ON
        decided.feed_key = known.feed_key
        AND decided.identity_hash = known.identity_hash
        AND decided.fetched_at > known.first_seen_at
WHERE
    decided.outcome IN ('inserted', 'revised', 'variant')
    OR (decided.outcome = 'off_topic' AND known.feed_key IS NULL)
GROUP BY decided.feed_key;

-- name: documents
SELECT
    feed_key,
    fetched_count,
    inserted_count + revised_count + variant_count AS accepted_count,
    unchanged_count,
    off_topic_count,
    quarantined_count
FROM counted;

-- name: unstage
DROP TABLE stage_document, stage_entry, stage_reason, decided, counted;
