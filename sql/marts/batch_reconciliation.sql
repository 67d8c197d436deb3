-- One row a batch: the five counts, and the difference that promise 1 says is nought.
CREATE VIEW mart.batch_reconciliation AS
SELECT
    batch.batch_id,
    batch.trigger,
    batch.started_at,
    batch.finished_at,
    batch.state,
    batch.verdict,
    batch.verdict_reason,
    batch.fetched_count,
    batch.accepted_count,
    batch.unchanged_count,
    batch.off_topic_count,
    batch.quarantined_count,
    batch.fetched_count - batch.accepted_count - batch.unchanged_count
    - batch.off_topic_count - batch.quarantined_count AS difference_count,
    batch.inserted_count,
    batch.revised_count,
    batch.variant_count
FROM ops.batch AS batch;
