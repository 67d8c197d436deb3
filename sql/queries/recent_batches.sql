-- What happened to the entries of the last batches?
-- param limit: 20  how many batches
SELECT
    batch.started_at,
    batch.state,
    batch.verdict,
    batch.fetched_count,
    batch.accepted_count,
    batch.unchanged_count,
    batch.off_topic_count,
    batch.quarantined_count,
    batch.difference_count,
    batch.loaded_count
FROM mart.batch_reconciliation AS batch
ORDER BY batch.started_at DESC, batch.batch_id DESC
LIMIT :limit
