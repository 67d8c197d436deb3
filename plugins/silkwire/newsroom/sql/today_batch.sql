-- The articles that got a revision from a batch. All rows of a batch have the batch's end as
-- loaded_at, and core.article_revision has an index on that column.
SELECT revision.article_key
FROM ops.batch
INNER JOIN core.article_revision AS revision
    ON
        batch.finished_at = revision.loaded_at
        AND batch.batch_id = revision.batch_id
WHERE batch.batch_id = :batch
