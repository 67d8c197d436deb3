-- Sightings; NULL where a key leads nowhere.
SELECT
    sighting.article_key,
    feed.feed_key,
    revision.revision_key,
    sighting.first_seen_at,
    sighting.left_at
FROM core.fact_sighting AS sighting
LEFT JOIN ops.feed AS feed ON sighting.feed_key = feed.feed_key
LEFT JOIN core.article_revision AS revision
    ON
        sighting.revision_key = revision.revision_key
        AND sighting.article_key = revision.article_key
        AND sighting.text_hash = revision.text_hash
