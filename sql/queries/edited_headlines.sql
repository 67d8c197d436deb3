-- Which headlines were edited after publication, and how?
-- param days: 7  how many days back
SELECT
    edit.edited_at,
    edit.outlet,
    edit.title_before,
    edit.title_after,
    edit.article_url
FROM mart.article_edits AS edit
WHERE
    edit.title_before IS DISTINCT FROM edit.title_after
    AND edit.edited_at >= now() - make_interval(days => :days)
ORDER BY edit.edited_at DESC, edit.revision_key DESC
