-- One row an edit: what a feed showed of an article before and after.
CREATE VIEW mart.article_edits AS
SELECT
    after_edit.article_key,
    after_edit.revision_key,
    after_edit.recorded_from AS edited_at,
    outlet.outlet,
    feed.feed_url,
    article.canonical_url AS article_url,
    after_edit.changed,
    before_edit.title AS title_before,
    after_edit.title AS title_after,
    before_edit.summary AS summary_before,
    after_edit.summary AS summary_after,
    before_edit.body AS body_before,
    after_edit.body AS body_after,
    after_edit.loaded_at
FROM core.article_revision AS after_edit
INNER JOIN core.article_revision AS before_edit
    ON after_edit.replaces_revision_key = before_edit.revision_key
INNER JOIN core.fact_article AS article ON after_edit.article_key = article.article_key
INNER JOIN core.dim_feed AS feed ON after_edit.feed_key = feed.feed_key AND feed.is_current
INNER JOIN core.dim_outlet AS outlet ON feed.outlet_key = outlet.outlet_key
WHERE after_edit.kind = 'revised';
