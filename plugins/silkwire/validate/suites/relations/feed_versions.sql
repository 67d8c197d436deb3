-- Versions of each feed, each beside the one before it.
SELECT
    version.dim_feed_key,
    version.valid_from,
    lag(coalesce(version.valid_to, 'infinity')) OVER (
        PARTITION BY version.feed_key ORDER BY version.valid_from
    ) AS previous_valid_to
FROM core.dim_feed AS version
