-- Which articles did a feed take out while it still showed older ones?
-- filters: topic, outlet, language, feed, tag
-- param days: 7  how many days back, by when the feed was first read without the article
-- param until: now  the end of the period, an instant such as 2026-03-01T12:00Z
-- param limit: 50  how many at most
WITH sighting AS MATERIALIZED (
    SELECT
        shown.feed_url,
        shown.outlet,
        shown.article_key,
        shown.title,
        shown.article_url,
        shown.first_seen_at,
        shown.left_at
    FROM mart.article_copies AS shown
    WHERE shown.first_seen_at <= cast(:until AS timestamptz)
),

-- A feed of the newest articles loses the oldest first; what goes before them was taken out.
withdrawn AS (
    SELECT gone.*
    FROM sighting AS gone
    WHERE
        gone.left_at > cast(:until AS timestamptz) - make_interval(days => :days)
        AND gone.left_at <= cast(:until AS timestamptz)
        AND (:feed = 'any' OR gone.feed_url = :feed)
        AND EXISTS (
            SELECT 1
            FROM sighting AS older
            WHERE
                older.feed_url = gone.feed_url
                AND older.first_seen_at < gone.first_seen_at
                AND coalesce(older.left_at > gone.left_at, TRUE)
        )
)

SELECT
    withdrawn.left_at AS withdrawn_at,
    withdrawn.outlet,
    withdrawn.title,
    withdrawn.left_at - withdrawn.first_seen_at AS shown_for,
    (
        SELECT count(*)::integer
        FROM sighting AS other
        WHERE other.article_key = withdrawn.article_key AND other.left_at IS NULL
    ) AS feeds_that_show_it,
    withdrawn.feed_url,
    withdrawn.article_url
FROM withdrawn
INNER JOIN
    mart.filtered_articles(:topic, :outlet, :language, :feed, :tag, 'any') AS article
    ON withdrawn.article_key = article.article_key
ORDER BY withdrawn.left_at DESC, withdrawn.feed_url ASC, withdrawn.article_key ASC
LIMIT :limit
