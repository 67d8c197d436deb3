-- One row a batch: the five counts, and the difference that promise 1 says is nought.
-- column batch_id: the batch
-- column trigger: what began it; review: somebody decided on records of the quarantine
-- column started_at: when it began
-- column finished_at: when it ended; NULL: it is running or was abandoned
-- column state: running, done or abandoned
-- column verdict: published, held, released or rejected; NULL: not done
-- column verdict_reason: why it was held, or what the reviewer wrote
-- column fetched_count: entries in the bytes of all its documents
-- column accepted_count: those that went into the warehouse: inserted, revised and variant
-- column unchanged_count: those that are there already, word for word
-- column off_topic_count: those on no topic
-- column quarantined_count: those that failed validation or could not be read
-- column difference_count: fetched less the four others; always 0 in a batch that is done
-- column inserted_count: new articles
-- column revised_count: edits
-- column variant_count: another feed's own first text of a known article
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
