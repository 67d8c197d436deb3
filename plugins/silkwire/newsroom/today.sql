-- The statements of `today.py`, by name.

-- name: topics
SELECT topic FROM core.dim_topic
ORDER BY topic;

-- name: outlets
SELECT outlet FROM core.dim_outlet
ORDER BY lower(outlet), outlet;

-- name: languages
-- The languages of the newest articles; DISTINCT over all articles would take too long.
SELECT DISTINCT newest.language FROM (
    SELECT language FROM core.fact_article
    ORDER BY first_seen_at DESC LIMIT 2000
) AS newest
WHERE newest.language IS NOT NULL
ORDER BY newest.language;

-- name: batch
-- The articles that got a revision from a batch. All rows of a batch have the batch's end as
-- loaded_at, and core.article_revision has an index on that column.
SELECT revision.article_key
FROM ops.batch
INNER JOIN core.article_revision AS revision
    ON
        batch.finished_at = revision.loaded_at
        AND batch.batch_id = revision.batch_id
WHERE batch.batch_id = :batch;

-- name: why
-- Why the current texts of these articles are on their topics.
SELECT
    why.article_key,
    why.topic,
    why.field,
    why.matched_text,
    why.start_offset,
    why.end_offset,
    why.rule
FROM mart.why_matched AS why
INNER JOIN core.fact_article AS article
    ON
        why.article_key = article.article_key
        AND why.revision_key = article.current_revision_key
WHERE why.article_key = any(:keys)
ORDER BY why.article_key ASC, why.weight DESC;
