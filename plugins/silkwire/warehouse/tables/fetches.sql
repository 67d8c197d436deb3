-- The statements of `fetches.py`, by name.

-- name: delete
DELETE FROM ops."fetch"
WHERE batch_id = :batch_id AND feed_key = any(:keys);

-- name: describe
UPDATE ops."fetch" AS attempt
SET
    outcome = CASE WHEN document.error_class IS NULL THEN attempt.outcome ELSE 'failed' END,
    error_class = coalesce(document.error_class, attempt.error_class),
    error = coalesce(document.error, attempt.error),
    feed_format = document.feed_format,
    encoding = document.encoding,
    encoding_evidence = document.encoding_evidence,
    is_entries_lost = document.is_entries_lost,
    undated_count = document.undated_count
FROM
    unnest(
        cast(:feed_keys AS bigint[]), cast(:error_classes AS text[]), cast(:errors AS text[]),
        cast(:formats AS text[]), cast(:encodings AS text[]), cast(:evidences AS text[]),
        cast(:losts AS boolean[]), cast(:undated AS integer[])
    ) AS document (
        feed_key, error_class, error, feed_format, encoding, encoding_evidence, is_entries_lost,
        undated_count
    )
WHERE attempt.batch_id = :batch_id AND attempt.feed_key = document.feed_key;

-- name: mark_churn
UPDATE ops."fetch" SET is_churn = TRUE
WHERE batch_id = :batch_id AND feed_key = any(:keys) AND outcome = 'new';

-- name: mark_held
UPDATE ops."fetch" SET is_held = TRUE
WHERE batch_id = :batch_id AND feed_key = any(:keys);
