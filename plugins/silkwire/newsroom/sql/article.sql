-- An article with its current text. article_url is the canonical url, or else the first link.
SELECT article.*, outlet.outlet, coalesce(article.canonical_url, sighting.link) AS article_url,
    revision.title, revision.summary, revision.body, revision.authors
FROM core.fact_article AS article
INNER JOIN core.article_revision AS revision ON revision.revision_key = article.current_revision_key
INNER JOIN core.dim_outlet AS outlet ON outlet.outlet_key = article.outlet_key
LEFT JOIN core.fact_sighting AS sighting ON sighting.article_key = article.article_key
    AND sighting.feed_key = article.first_feed_key
WHERE article.article_key = :key
