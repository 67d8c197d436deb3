-- After text_members.sql: the other outlets whose feeds show the text, the first on top.
SELECT members.shown_key, outlet.outlet
FROM members
INNER JOIN core.fact_article AS shown ON shown.article_key = members.shown_key
INNER JOIN core.fact_sighting AS sighting ON sighting.article_key = members.article_key
INNER JOIN core.dim_feed AS feed ON feed.feed_key = sighting.feed_key AND feed.is_current
INNER JOIN core.dim_outlet AS outlet ON outlet.outlet_key = feed.outlet_key
WHERE outlet.outlet_key <> shown.outlet_key
GROUP BY members.shown_key, outlet.outlet
ORDER BY members.shown_key, min(sighting.first_seen_at), outlet.outlet
