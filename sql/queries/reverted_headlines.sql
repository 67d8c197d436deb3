-- Which headlines were changed and then changed back?
-- param days: 28  how many days back
-- param until: now  the end of the period, an instant such as 2026-03-01T12:00Z
SELECT
    back.edited_at AS reverted_at,
    back.outlet,
    back.title_after AS title,
    back.title_before AS title_between,
    changed.edited_at AS changed_at,
    back.article_url
FROM mart.article_edits AS back
INNER JOIN LATERAL (
    SELECT earlier.edited_at
    FROM mart.article_edits AS earlier
    WHERE
        earlier.article_key = back.article_key
        AND earlier.edited_at < back.edited_at
        AND earlier.title_before = back.title_after
        AND earlier.title_after <> back.title_after
    ORDER BY earlier.edited_at DESC
    LIMIT 1
) AS changed ON TRUE
WHERE
    'title' = any(back.changed)
    AND back.edited_at > cast(:until AS timestamptz) - make_interval(days => :days)
    AND back.edited_at <= cast(:until AS timestamptz)
ORDER BY back.edited_at DESC, back.revision_key DESC
