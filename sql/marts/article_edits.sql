-- One row per edit: the text that a feed showed before, the text after, and the words that changed.
-- column article_key: the article, as in mart.articles
-- column revision_key: the text after, as in mart.topic_decisions and mart.why_matched
-- column edited_at: when the feed was first read with the text after
-- column outlet: who publishes the feed; the article may be another outlet's
-- column feed_url: the feed, as listed
-- column article_url: the article's canonical url; NULL where its feed gives none
-- column changed: which of title, summary and body changed
-- column title_changes: the title with [-removed words-] and {+added words+}; NULL: unchanged
-- column removed_words: stretches of words that title, summary and body lost, in this order; in
--   Chinese a stretch is a run of characters
-- column added_words: stretches of words that title, summary and body gained, in this order
-- column title_before: NULL: none
-- column title_after: NULL: none
-- column summary_before: without markup; NULL: none
-- column summary_after: without markup; NULL: none
-- column body_before: without markup; NULL: the feed carries none
-- column body_after: without markup; NULL: the feed carries none
-- column loaded_at: when the edit came into the warehouse
CREATE VIEW mart.article_edits AS
SELECT
    after_edit.article_key,
    after_edit.revision_key,
    after_edit.recorded_from AS edited_at,
    outlet.outlet,
    feed.feed_url,
    article.canonical_url AS article_url,
    after_edit.changed,
    CASE
        WHEN 'title' = any(after_edit.changed)
            THEN mart.mark_words(before_edit.title, after_edit.title)
    END AS title_changes,
    mart.removed_words(before_edit.title, after_edit.title)
    || mart.removed_words(before_edit.summary, after_edit.summary)
    || mart.removed_words(before_edit.body, after_edit.body) AS removed_words,
    mart.added_words(before_edit.title, after_edit.title)
    || mart.added_words(before_edit.summary, after_edit.summary)
    || mart.added_words(before_edit.body, after_edit.body) AS added_words,
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
