-- One row an on-topic article: its text now, its topics, its outlet, its url and its dates.
-- column article_key: the article, whichever feeds carry it; the same in every mart
-- column first_seen_at: when a feed was read that showed it, for the first time
-- column published_at: as the feed says; NULL where it says nothing that can be read (then
--   published_raw)
-- column outlet: who publishes the feed that had it first
-- column title: of the current text, that of the feed which had it first; NULL: none
-- column summary: of the current text, without markup; NULL: none
-- column topics: the topics that any of its texts is on, never empty
-- column scopes: which ways its travel goes: inbound, outbound, domestic, hkmo, crossstrait; NULL:
--   unknown
-- column score: the highest score on any topic, 0 to 1
-- column language: BCP 47, declared or detected; NULL: unknown
-- column article_url: its canonical url (no tracking, no fragment), or the link where there is none
-- column published_url: the link as the feed gives it
-- column feed_count: how many feeds have shown it
-- column edit_count: how often a feed changed its text; mart.article_edits has each
-- column last_edited_at: when the last of these was seen; NULL: never edited
-- column published_precision: how exact published_at is, such as second or day
-- column published_raw: the date as the feed writes it
-- column authors: as the feed names them; may be empty
-- column image_url: an image that the feed gives with it
-- column loaded_at: when it came into the warehouse
-- column is_origin: nobody had this text before; WHERE is_origin gives one row a text
-- column origin_article_key: the article that had this text first; itself, if it is the origin
-- column origin_url: that article's url
-- column copy_count: how many further articles carry this text; mart.article_copies has each
CREATE VIEW mart.articles AS
SELECT
    article.article_key,
    article.first_seen_at,
    article.published_at,
    outlet.outlet,
    revision.title,
    revision.summary,
    matched.topics,
    matched.scopes,
    matched.score,
    article.language,
    coalesce(article.canonical_url, sighting.link) AS article_url,
    sighting.link AS published_url,
    coalesce(carried.feed_count, 0) AS feed_count,
    coalesce(edited.edit_count, 0) AS edit_count,
    edited.last_edited_at,
    article.published_precision,
    article.published_raw,
    revision.authors,
    article.image_url,
    article.loaded_at,
    copy.article_key IS NULL AS is_origin,
    coalesce(copy.origin_article_key, article.article_key) AS origin_article_key,
    coalesce(origin.canonical_url, article.canonical_url, sighting.link) AS origin_url,
    copies.copy_count
FROM core.fact_article AS article
INNER JOIN core.article_revision AS revision
    ON article.current_revision_key = revision.revision_key
INNER JOIN core.dim_outlet AS outlet ON article.outlet_key = outlet.outlet_key
INNER JOIN LATERAL (
    SELECT
        array_agg(DISTINCT decision.topic ORDER BY decision.topic) AS topics,
        array_agg(DISTINCT decision.scope ORDER BY decision.scope)
        FILTER (WHERE decision.scope IS NOT NULL) AS scopes,
        max(decision.score) AS score
    FROM mart.topic_decisions AS decision
    WHERE decision.article_key = article.article_key AND decision.is_match
) AS matched ON matched.topics IS NOT NULL
LEFT JOIN core.fact_sighting AS sighting
    ON
        article.article_key = sighting.article_key
        AND article.first_feed_key = sighting.feed_key
LEFT JOIN LATERAL (
    SELECT count(*)::integer AS feed_count
    FROM core.fact_sighting AS every_sighting
    WHERE every_sighting.article_key = article.article_key
) AS carried ON TRUE
LEFT JOIN LATERAL (
    SELECT
        count(*)::integer AS edit_count,
        max(edit.recorded_from) AS last_edited_at
    FROM core.article_revision AS edit
    WHERE edit.article_key = article.article_key AND edit.kind = 'revised'
) AS edited ON TRUE
LEFT JOIN core.article_copy AS copy
    ON article.article_key = copy.article_key AND copy.replaced_at IS NULL
LEFT JOIN core.fact_article AS origin ON copy.origin_article_key = origin.article_key
CROSS JOIN LATERAL (
    SELECT count(*)::integer AS copy_count
    FROM core.article_copy AS every_copy
    WHERE
        every_copy.origin_article_key
        = coalesce(copy.origin_article_key, article.article_key)
        AND every_copy.replaced_at IS NULL
) AS copies;
