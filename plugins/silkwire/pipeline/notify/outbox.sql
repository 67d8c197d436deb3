-- The statements of `outbox.py`, by name.

-- name: insert
INSERT INTO ops.notification (watch, destination, text_key, revision_key, item, found_at, due_at)
SELECT
    queued.watch,
    queued.destination,
    queued.text_key,
    queued.revision_key,
    queued.item,
    :now,
    queued.due_at
FROM
    jsonb_to_recordset(cast(:rows AS jsonb)) AS queued (
        watch text, destination text, text_key text, revision_key bigint, item jsonb,
        due_at timestamptz
    )
ON CONFLICT DO NOTHING;

-- name: next
SELECT
    watch,
    destination
FROM ops.notification
WHERE status = 'waiting' AND due_at <= :now
ORDER BY due_at, notification_key LIMIT 1 FOR UPDATE SKIP LOCKED;

-- name: waiting
SELECT
    notification_key,
    item,
    attempt_count
FROM ops.notification
WHERE
    status = 'waiting' AND due_at <= :now AND watch = :watch AND destination = :destination
ORDER BY notification_key LIMIT 500 FOR UPDATE SKIP LOCKED;

-- name: record_attempt
UPDATE ops.notification
SET
    status = :status,
    attempt_count = :attempts,
    last_error = :error,
    due_at = :due_at,
    sent_at = :sent_at
WHERE notification_key = :key;
