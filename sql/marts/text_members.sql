-- For each given article, the articles with the same text, the origin and itself included.
--   mart.article_copies would give the same, but starts from all articles; this starts from a few.
--   `reason` is why an article counts as a copy of the origin; NULL for the origin.
CREATE FUNCTION mart.text_members(keys bigint[])
RETURNS TABLE (
    shown_key bigint,
    origin_key bigint,
    article_key bigint,
    reason text,
    similarity double precision
)
LANGUAGE sql STABLE PARALLEL SAFE
AS $$
    WITH texts AS (
        SELECT
            shown.article_key AS shown_key,
            coalesce(copy.origin_article_key, shown.article_key) AS origin_key
        FROM unnest(keys) AS shown (article_key)
        LEFT JOIN core.article_copy AS copy
            ON copy.article_key = shown.article_key AND copy.replaced_at IS NULL
    )
    SELECT shown_key, origin_key, origin_key, NULL, NULL
    FROM texts
    UNION ALL
    SELECT texts.shown_key, texts.origin_key, copy.article_key, copy.reason, copy.similarity
    FROM texts
    INNER JOIN core.article_copy AS copy
        ON copy.origin_article_key = texts.origin_key AND copy.replaced_at IS NULL
$$
