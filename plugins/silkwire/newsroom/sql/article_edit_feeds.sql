-- The feeds that showed an edit of an article after the first one had.
SELECT
    edit_key,
    edited_at,
    outlet,
    feed_url
FROM mart.article_edits_by_feed
WHERE article_key = :key AND NOT is_first
ORDER BY edited_at, feed_url
