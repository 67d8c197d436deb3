-- The feeds that carry an article, the first to show it on top.
SELECT
    outlet.outlet,
    feed.feed_url,
    sighting.link,
    sighting.guid,
    sighting.first_seen_at,
    sighting.left_at,
    sighting.return_count
FROM core.fact_sighting AS sighting
INNER JOIN core.dim_feed AS feed ON sighting.feed_key = feed.feed_key AND feed.is_current
INNER JOIN core.dim_outlet AS outlet ON feed.outlet_key = outlet.outlet_key
WHERE sighting.article_key = :key
ORDER BY sighting.first_seen_at, sighting.feed_key
