-- For each given article, the other outlets whose feeds show its text, the first on top.
SELECT
    members.shown_key,
    outlet.outlet
FROM mart.text_members(cast(:keys AS bigint[])) AS members
INNER JOIN core.fact_article AS shown ON members.shown_key = shown.article_key
INNER JOIN core.fact_sighting AS sighting ON members.article_key = sighting.article_key
INNER JOIN core.dim_feed AS feed ON sighting.feed_key = feed.feed_key AND feed.is_current
INNER JOIN core.dim_outlet AS outlet ON feed.outlet_key = outlet.outlet_key
WHERE outlet.outlet_key <> shown.outlet_key
GROUP BY members.shown_key, outlet.outlet
ORDER BY members.shown_key, min(sighting.first_seen_at), outlet.outlet
