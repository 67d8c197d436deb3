-- The statements of `pause.py`, by name.

-- name: pause
UPDATE ops.feed SET state = 'paused', paused_reason = :reason
WHERE feed_url = :url;

-- name: lock
SELECT paused_reason FROM ops.feed
WHERE feed_url = :url FOR NO KEY UPDATE;

-- name: resume
UPDATE ops.feed
SET
    state = CASE
        WHEN last_error_class = 'gone' THEN 'gone'
        WHEN failure_count > 0 THEN 'failing'
        ELSE 'healthy'
    END,
    paused_reason = NULL,
    next_due_at = least(next_due_at, :now)
WHERE feed_url = :url AND state = 'paused';
