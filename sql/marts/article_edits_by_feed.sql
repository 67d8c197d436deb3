-- One row per edit and feed that shows it: each feed's own timeline of texts.
-- column article_key: the article, as in mart.articles
-- column edit_key: the edit, which is the revision_key in mart.article_edits
-- column revision_key: the text after, as this feed shows it
-- column is_first: whether this feed was the first to show this edit; others only followed
-- column edited_at: when the feed was first read with the text after
-- column outlet: who publishes the feed; the article may be another outlet's
-- column feed_url: the feed, as listed
-- column article_url: the article's canonical url; NULL where its feed gives none
-- column changed: which of title, summary and body changed in this feed
-- column new_fields: of these, the ones whose change this feed was the first to show
-- column title_before: NULL: none
-- column title_after: NULL: none
-- column summary_before: without markup; NULL: none
-- column summary_after: without markup; NULL: none
-- column body_before: without markup; NULL: the feed carries none
-- column body_after: without markup; NULL: the feed carries none
-- column loaded_at: when this feed's text was first loaded; a rebuild keeps it
-- column feed_count: how many feeds have shown this change
CREATE VIEW mart.article_edits_by_feed AS
SELECT
    edit.article_key,
    edit.edit_key,
    edit.revision_key,
    edit.edit_key = edit.revision_key AS is_first,
    edit.edited_at,
    outlet.outlet,
    feed.feed_url,
    article.canonical_url AS article_url,
    after_edit.changed,
    edit.new_fields,
    before_edit.title AS title_before,
    after_edit.title AS title_after,
    before_edit.summary AS summary_before,
    after_edit.summary AS summary_after,
    before_edit.body AS body_before,
    after_edit.body AS body_after,
    after_edit.loaded_at,
    edit.feed_count
FROM (
    SELECT
        shown.*,
        -- The number of distinct feeds, which count() does not give over a window.
        (
            dense_rank()
                OVER (PARTITION BY shown.article_key, shown.edit_key ORDER BY shown.feed_key)
            + dense_rank()
                OVER (
                    PARTITION BY shown.article_key, shown.edit_key ORDER BY shown.feed_key DESC
                )
            - 1
        )::integer AS feed_count
    FROM mart.edits_as_of('infinity') AS shown
) AS edit
INNER JOIN core.article_revision AS after_edit ON edit.revision_key = after_edit.revision_key
INNER JOIN core.article_revision AS before_edit
    ON after_edit.replaces_revision_key = before_edit.revision_key
INNER JOIN core.fact_article AS article ON edit.article_key = article.article_key
INNER JOIN core.dim_feed AS feed ON after_edit.feed_key = feed.feed_key AND feed.is_current
INNER JOIN core.dim_outlet AS outlet ON feed.outlet_key = outlet.outlet_key;
