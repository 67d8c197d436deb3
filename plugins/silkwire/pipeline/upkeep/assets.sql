-- The statement of `assets.py`.

-- name: loaded
SELECT
    batch_id,
    verdict,
    inserted_count + revised_count + variant_count AS rows,
    inserted_count AS inserted,
    revised_count AS revised,
    variant_count AS variant,
    finished_at AS watermark
FROM ops.batch
WHERE batch_id = :batch_id;
