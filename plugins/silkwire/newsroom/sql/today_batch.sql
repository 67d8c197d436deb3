-- The articles that got a revision from a batch. All rows of a batch have the batch's end as
-- loaded_at, and core.article_revision has an index on that column.
SELECT revision.article_key
FROM ops.batch
INNER JOIN core.article_revision AS revision ON revision.loaded_at = batch.finished_at
    AND revision.batch_id = batch.batch_id
WHERE batch.batch_id = :batch
