-- One row per edit of an article: the text before, the text after, and the words that changed. A
-- change that several feeds show is one edit, listed for the feed that was first (mart.edits_as_of
-- has the rule); mart.article_edits_by_feed has a row for each feed.
-- column article_key: the article, as in mart.articles
-- column revision_key: the text after, as in mart.topic_decisions and mart.why_matched
-- column edited_at: when the feed was first read with the text after
-- column outlet: who publishes the feed that showed it first; the article may be another outlet's
-- column feed_url: that feed, as listed
-- column article_url: the article's canonical url; NULL where its feed gives none
-- column changed: which of title, summary and body this edit changed; without those whose change
--   another feed showed in an earlier edit
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
-- column loaded_at: when the edit was first loaded; a rebuild keeps it
-- column feed_count: how many feeds have shown this change
CREATE VIEW mart.article_edits AS
SELECT
    shown.article_key,
    shown.revision_key,
    shown.edited_at,
    shown.outlet,
    shown.feed_url,
    shown.article_url,
    shown.new_fields AS changed,
    CASE
        WHEN 'title' = any(shown.new_fields)
            THEN mart.mark_words(shown.title_before, shown.title_after)
    END AS title_changes,
    mart.removed_words(shown.title_before, shown.title_after)
    || mart.removed_words(shown.summary_before, shown.summary_after)
    || mart.removed_words(shown.body_before, shown.body_after) AS removed_words,
    mart.added_words(shown.title_before, shown.title_after)
    || mart.added_words(shown.summary_before, shown.summary_after)
    || mart.added_words(shown.body_before, shown.body_after) AS added_words,
    shown.title_before,
    shown.title_after,
    shown.summary_before,
    shown.summary_after,
    shown.body_before,
    shown.body_after,
    shown.loaded_at,
    shown.feed_count
FROM mart.article_edits_by_feed AS shown
WHERE shown.is_first;
