-- Articles; NULL where a key leads nowhere.
SELECT
    article.article_key,
    CASE WHEN article.identity_kind = 'url' THEN article.canonical_url END AS identifying_url,
    feed.feed_key,
    batch.batch_id,
    CASE
        WHEN feed.feed_key IS NULL THEN article.article_key
        ELSE sighting.article_key
    END AS sighted_article_key,
    revision.revision_key AS current_revision_key
FROM core.fact_article AS article
LEFT JOIN ops.feed AS feed ON article.first_feed_key = feed.feed_key
LEFT JOIN ops.batch AS batch ON article.batch_id = batch.batch_id
LEFT JOIN core.fact_sighting AS sighting
    ON
        article.article_key = sighting.article_key
        AND article.first_feed_key = sighting.feed_key
LEFT JOIN core.article_revision AS revision
    ON
        article.current_revision_key = revision.revision_key
        AND article.article_key = revision.article_key
