-- One row per batch: the five counts, and their difference, which is always 0 once it is done.
-- column batch_id: the batch
-- column trigger: what started it; review: a person decided on records in quarantine
-- column started_at: when it started
-- column finished_at: when it was done; NULL: it is running or was abandoned
-- column state: running, done or abandoned
-- column verdict: published, held, released or rejected; NULL: not done
-- column verdict_reason: why it was held, or what the reviewer wrote
-- column fetched_count: entries in all its documents, those that could not be read included
-- column accepted_count: entries that are new: inserted, revised and variant; in a held batch,
--   those that a release would load
-- column unchanged_count: entries whose text is in the warehouse already
-- column off_topic_count: entries on no topic
-- column quarantined_count: entries that failed validation or could not be read
-- column difference_count: fetched_count less the four others; 0 in a batch that is done
-- column inserted_count: new articles
-- column revised_count: edits of known articles
-- column variant_count: known articles that another feed shows with a text of its own
-- column loaded_count: accepted_count where the batch is loaded; 0 while it is held, or if rejected
-- column held_document_count: documents whose new entries are in quarantine as a whole
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
    batch.variant_count,
    CASE WHEN batch.verdict IN ('published', 'released') THEN batch.accepted_count ELSE 0 END
        AS loaded_count,
    coalesce(jsonb_array_length(batch.step_reports -> 'load' -> 'held_documents'), 0)
        AS held_document_count
FROM ops.batch AS batch;
