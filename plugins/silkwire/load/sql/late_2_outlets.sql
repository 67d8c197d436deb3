-- Who published each feed at the time of its document, for the copy's `is_current`.
TRUNCATE pg_temp.dim_feed;

INSERT INTO pg_temp.dim_feed (feed_key, outlet_key, is_current)
SELECT DISTINCT ON (version.feed_key)
    version.feed_key,
    version.outlet_key,
    TRUE
FROM core.dim_feed AS version
INNER JOIN stage_document AS document ON version.feed_key = document.feed_key
ORDER BY
    version.feed_key ASC,
    version.valid_from > document.fetched_at ASC,
    greatest(version.valid_from - document.fetched_at, document.fetched_at - version.valid_from) ASC;
