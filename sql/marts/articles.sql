-- One row per on-topic article: its current text, topics, outlet, url and dates.
-- column article_key: the article, whichever feeds carry it; the same in every mart
-- column first_seen_at: when it was first seen in a feed
-- column published_at: as the feed says; NULL: it gives no date, or one that cannot be read (see
--   published_raw)
-- column outlet: who publishes the feed that had it first
-- column title: title of the current text, which is that of the feed that had it first; NULL: none
-- column summary: summary of the current text, without markup; NULL: none
-- column topics: the topics that any of its texts is on, never empty
-- column scopes: the directions of travel: inbound, outbound, domestic, hkmo, crossstrait; NULL:
--   unknown
-- column score: the highest score on any topic, 0 to 1
-- column language: BCP 47, declared or detected; NULL: unknown
-- column article_url: its canonical url (no tracking, no fragment); without one, the link
-- column published_url: the link as the feed gives it
-- column feed_count: how many feeds have shown it
-- column edit_count: how often its text changed, each change once however many feeds show it;
--   mart.article_edits lists the edits
-- column last_edited_at: when the last edit was seen; NULL: never edited
-- column published_precision: how exact published_at is, such as second or day
-- column published_raw: the date as the feed writes it
-- column authors: as the feed names them; may be empty
-- column image_url: an image that the feed gives with it
-- column loaded_at: when it was first loaded; a rebuild keeps it
-- column is_origin: whether no other article with this text was public before; WHERE is_origin
--   gives one row per text
-- column origin_article_key: the article with this text that was public first; itself, if it is
--   the origin
-- column origin_url: that article's url
-- column copy_count: how many other articles carry this text; mart.article_copies lists them
-- column is_backlog: whether it was out before its feed was first read (mart.is_backlog); figures
--   by day and delays leave it out
CREATE VIEW mart.articles AS
SELECT
    article.article_key,
    article.first_seen_at,
    article.published_at,
    article.outlet,
    article.title,
    article.summary,
    article.topics,
    article.scopes,
    article.score,
    article.language,
    article.article_url,
    article.published_url,
    article.feed_count,
    article.edit_count,
    article.last_edited_at,
    article.published_precision,
    article.published_raw,
    article.authors,
    article.image_url,
    article.loaded_at,
    article.is_origin,
    article.origin_article_key,
    article.origin_url,
    article.copy_count,
    article.is_backlog
FROM mart.articles_as_of('infinity') AS article;
