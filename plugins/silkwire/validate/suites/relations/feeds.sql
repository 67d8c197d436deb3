-- Listed feeds: how late they are, their current description, and a lease of an ended batch.
SELECT
    feed.feed_key,
    description.feed_key AS described_feed_key,
    extract(EPOCH FROM :now - feed.next_due_at) / 3600.0 AS late_hours,
    CASE WHEN batch.state <> 'running' THEN feed.leased_by_batch_id END AS ended_batch_id
FROM ops.feed AS feed
LEFT JOIN core.dim_feed AS description
    ON feed.feed_key = description.feed_key AND description.is_current
LEFT JOIN ops.batch AS batch ON feed.leased_by_batch_id = batch.batch_id
WHERE feed.state <> 'paused'
