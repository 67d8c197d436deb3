-- name: lock
SELECT pg_advisory_xact_lock(:key);

-- name: read_new
-- The texts of the articles that a batch inserted.
SELECT
    article.article_key,
    article.first_seen_at,
    article.published_at,
    outlet.outlet,
    revision.title,
    left(coalesce(revision.summary, revision.body), :length) AS lead
FROM core.article_revision AS revision
INNER JOIN core.fact_article AS article ON revision.article_key = article.article_key
INNER JOIN core.dim_outlet AS outlet ON article.outlet_key = outlet.outlet_key
WHERE
    revision.kind = 'inserted'
    AND revision.batch_id = :batch_id
    AND article.batch_id = :batch_id
ORDER BY article.article_key;

-- name: read_known
-- The first texts of these articles.
SELECT
    article.article_key,
    article.first_seen_at,
    article.published_at,
    outlet.outlet,
    revision.title,
    left(coalesce(revision.summary, revision.body), :length) AS lead
FROM core.fact_article AS article
INNER JOIN core.dim_outlet AS outlet ON article.outlet_key = outlet.outlet_key
INNER JOIN core.article_revision AS revision
    ON
        article.article_key = revision.article_key
        AND article.first_feed_key = revision.feed_key
        AND revision.revision_number = 1
WHERE article.article_key = any(:keys);

-- name: create_bands
CREATE TEMPORARY TABLE new_band (
    band_hash bigint,
    first_seen_at timestamptz,
    article_key bigint
) ON COMMIT DROP;

-- name: save_bands
INSERT INTO ops.article_band (band_hash, first_seen_at, article_key)
SELECT
    band.band_hash,
    band.first_seen_at,
    band.article_key
FROM new_band AS band
ORDER BY band.band_hash, band.first_seen_at, band.article_key
ON CONFLICT DO NOTHING;

-- name: find_candidates
SELECT DISTINCT
    least(mine.article_key, other.article_key) AS one_key,
    greatest(mine.article_key, other.article_key) AS other_key
FROM new_band AS mine
INNER JOIN LATERAL (
    SELECT band.article_key
    FROM ops.article_band AS band
    WHERE
        band.band_hash = mine.band_hash
        AND band.first_seen_at
        BETWEEN mine.first_seen_at - :window AND mine.first_seen_at + :window
    ORDER BY band.first_seen_at, band.article_key
    LIMIT :cap
) AS other ON mine.article_key <> other.article_key;

-- name: read_groups
-- All members of the groups that these articles belong to.
WITH touched AS (
    SELECT coalesce(copy.origin_article_key, named.article_key) AS origin_key
    FROM unnest(cast(:keys AS bigint[])) AS named (article_key)
    LEFT JOIN core.article_copy AS copy
        ON named.article_key = copy.article_key AND copy.replaced_at IS NULL
),

member AS (
    SELECT touched.origin_key AS article_key
    FROM touched
    UNION DISTINCT
    SELECT copy.article_key
    FROM core.article_copy AS copy
    INNER JOIN touched ON copy.origin_article_key = touched.origin_key
    WHERE copy.replaced_at IS NULL
)

SELECT
    article.article_key,
    core.public_at(
        article.published_at,
        article.published_precision,
        article.published_raw,
        article.first_seen_at
    ) AS public_at,
    article.first_seen_at,
    article.canonical_url,
    article.identity_hash,
    copy.origin_article_key AS origin_key
FROM member
INNER JOIN core.fact_article AS article ON member.article_key = article.article_key
LEFT JOIN core.article_copy AS copy
    ON article.article_key = copy.article_key AND copy.replaced_at IS NULL;

-- name: end_links
UPDATE core.article_copy SET
    replaced_at = :now
WHERE article_key = any(:keys) AND replaced_at IS NULL;

-- name: insert_links
INSERT INTO core.article_copy
(article_key, origin_article_key, similarity, reason, linked_at)
VALUES (:article_key, :origin_key, :similarity, :reason, :now)
ON CONFLICT (article_key, linked_at) DO UPDATE SET
    origin_article_key = excluded.origin_article_key,
    similarity = excluded.similarity,
    reason = excluded.reason,
    replaced_at = NULL;

-- name: delete_bands
DELETE FROM ops.article_band
WHERE article_key = any(:keys);

-- name: prune_bands
DELETE FROM ops.article_band
WHERE
    article_key <= (
        SELECT article.article_key
        FROM core.fact_article AS article
        WHERE article.loaded_at < :before
        ORDER BY article.article_key DESC
        LIMIT 1
    )
    -- A batch that is released late is compared with what was new at its time.
    AND NOT EXISTS (
        SELECT 1
        FROM ops.batch AS batch
        WHERE batch.verdict = 'held'
    );
