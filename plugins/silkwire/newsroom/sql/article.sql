-- An article with its current text. `article_url` falls back to the link that the first feed shows.
SELECT
    article.*,
    outlet.outlet,
    coalesce(article.canonical_url, sighting.link) AS article_url,
    revision.title,
    revision.summary,
    revision.body,
    revision.authors
FROM core.fact_article AS article
INNER JOIN core.article_revision AS revision ON article.current_revision_key = revision.revision_key
INNER JOIN core.dim_outlet AS outlet ON article.outlet_key = outlet.outlet_key
LEFT JOIN core.fact_sighting AS sighting
    ON
        article.article_key = sighting.article_key
        AND article.first_feed_key = sighting.feed_key
WHERE article.article_key = :key
