-- Which headlines were edited after publication, and how?
-- param days: 7  how many days back
-- param until: now  the end of the period, an instant such as 2026-03-01T12:00Z
-- param limit: 100  how many at most
SELECT
    edit.edited_at,
    edit.outlet,
    edit.title_changes,
    edit.title_before,
    edit.title_after,
    edit.article_url
FROM mart.article_edits AS edit
WHERE
    'title' = any(edit.changed)
    AND edit.edited_at > cast(:until AS timestamptz) - make_interval(days => :days)
    AND edit.edited_at <= cast(:until AS timestamptz)
ORDER BY edit.edited_at DESC, edit.revision_key DESC
LIMIT :limit
