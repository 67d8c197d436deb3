-- One row: the age of the newest batch and of the newest success of a feed.
SELECT
    1 AS row_number,
    (
        SELECT extract(EPOCH FROM :now - max(batch.finished_at)) / 60.0
        FROM ops.batch AS batch
        WHERE batch.state = 'done' AND batch.trigger NOT IN ('review', 'retry', 'adopt')
    ) AS batch_age_minutes,
    (
        SELECT extract(EPOCH FROM :now - max(feed.last_success_at)) / 3600.0
        FROM ops.feed AS feed
    ) AS answer_age_hours
