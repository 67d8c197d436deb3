-- A row for each given article and each article with the same text, the origin included.
-- mart.article_copies would give the same, but starts from all articles; here only a few are asked for.
WITH texts AS (
    SELECT shown.article_key AS shown_key,
        coalesce(copy.origin_article_key, shown.article_key) AS origin_key
    FROM unnest(CAST(:keys AS bigint[])) AS shown (article_key)
    LEFT JOIN core.article_copy AS copy ON copy.article_key = shown.article_key
        AND copy.replaced_at IS NULL
), members AS (
    SELECT shown_key, origin_key, origin_key AS article_key, NULL AS reason,
        CAST(NULL AS double precision) AS similarity
    FROM texts
    UNION ALL
    SELECT texts.shown_key, texts.origin_key, copy.article_key, copy.reason, copy.similarity
    FROM texts
    INNER JOIN core.article_copy AS copy ON copy.origin_article_key = texts.origin_key
        AND copy.replaced_at IS NULL
)
