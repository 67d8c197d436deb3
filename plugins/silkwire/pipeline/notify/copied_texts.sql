-- The first texts of all articles in these groups of copies, in the order of their loading.
SELECT
    member.origin_key,
    article.article_key,
    outlet.outlet,
    revision.title,
    left(coalesce(revision.summary, revision.body), :length) AS lead,
    left(coalesce(revision.body, revision.summary), :length) AS body
FROM (
    SELECT
        origin.article_key AS origin_key,
        origin.article_key
    FROM unnest(cast(:origin_keys AS bigint[])) AS origin (article_key)
    UNION ALL
    SELECT
        copy.origin_article_key,
        copy.article_key
    FROM core.article_copy AS copy
    WHERE copy.origin_article_key = any(:origin_keys) AND copy.replaced_at IS NULL
) AS member
INNER JOIN core.fact_article AS article ON member.article_key = article.article_key
INNER JOIN core.dim_outlet AS outlet ON article.outlet_key = outlet.outlet_key
INNER JOIN core.article_revision AS revision
    ON
        article.article_key = revision.article_key
        AND article.first_feed_key = revision.feed_key
        AND revision.revision_number = 1
ORDER BY article.article_key
