-- Which words do editors take out of headlines, and which do they put in?
-- filters: outlet, feed
-- param days: 28  how many days back
-- param until: now  the end of the period, an instant such as 2026-03-01T12:00Z
-- param limit: 30  how many at most
WITH edit AS (
    SELECT
        headline.outlet,
        headline.title_before,
        headline.title_after
    FROM mart.article_edits AS headline
    WHERE
        'title' = any(headline.changed)
        AND (:outlet = 'any' OR headline.outlet = :outlet)
        AND (:feed = 'any' OR headline.feed_url = :feed)
        AND headline.edited_at > cast(:until AS timestamptz) - make_interval(days => :days)
        AND headline.edited_at <= cast(:until AS timestamptz)
)

SELECT
    lower(stretch.words) AS words,
    (count(*) FILTER (WHERE stretch.kind = 'removed'))::integer AS removed_count,
    (count(*) FILTER (WHERE stretch.kind = 'added'))::integer AS added_count,
    array_agg(DISTINCT edit.outlet ORDER BY edit.outlet) AS outlets
FROM edit
CROSS JOIN LATERAL mart.diff_words(edit.title_before, edit.title_after) AS stretch
WHERE stretch.kind <> 'kept'
GROUP BY lower(stretch.words)
ORDER BY count(*) DESC, words ASC
LIMIT :limit
