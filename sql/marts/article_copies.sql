-- One row per sighting: every url and every feed that carries a text, and who had it first.
-- column origin_article_key: the article with this text that was public first, one for each text
-- column article_key: the article that the feed shows
-- column is_origin: whether this article was public first, whichever feed showed it
-- column outlet: who publishes the feed
-- column feed_url: the feed that shows it
-- column title: title of the text that the feed shows now, or showed last
-- column article_url: the article's canonical url, or the link where there is none
-- column published_url: the link as the feed gives it
-- column first_seen_at: when the feed was first read that showed it
-- column behind: how long public_at is after that of the origin
-- column left_at: when the feed was first read without it; NULL: the feed still shows it
-- column similarity: the share of the shorter lead, or of both titles, that this article and the
--   origin have in common, 0 to 1; NULL: it is the origin
-- column reason: why it counts as a copy; NULL: it is the origin
-- column linked_at: when it was linked to this origin; NULL: it is the origin
-- column public_at: when the article was published, if this feed had it first and gives an exact
--   time before it was seen; else first_seen_at
-- column origin_evidence: what says when the origin was public: publication time or first sighting
CREATE VIEW mart.article_copies AS
SELECT
    coalesce(copy.origin_article_key, article.article_key) AS origin_article_key,
    article.article_key,
    copy.article_key IS NULL AS is_origin,
    outlet.outlet,
    feed.feed_url,
    revision.title,
    coalesce(article.canonical_url, sighting.link) AS article_url,
    sighting.link AS published_url,
    sighting.first_seen_at,
    CASE
        WHEN sighting.feed_key = article.first_feed_key
            THEN
                core.public_at(
                    article.published_at,
                    article.published_precision,
                    article.published_raw,
                    sighting.first_seen_at
                )
        -- The date of publication is that of the feed that had the article first.
        ELSE sighting.first_seen_at
    END - core.public_at(
        origin.published_at,
        origin.published_precision,
        origin.published_raw,
        origin.first_seen_at
    ) AS behind,
    sighting.left_at,
    copy.similarity,
    copy.reason,
    copy.linked_at,
    CASE
        WHEN sighting.feed_key = article.first_feed_key
            THEN
                core.public_at(
                    article.published_at,
                    article.published_precision,
                    article.published_raw,
                    sighting.first_seen_at
                )
        -- The date of publication is that of the feed that had the article first.
        ELSE sighting.first_seen_at
    END AS public_at,
    CASE
        WHEN
            core.is_exact_time(
                origin.published_at,
                origin.published_precision,
                origin.published_raw,
                origin.first_seen_at
            )
            THEN 'publication time'
        ELSE 'first sighting'
    END AS origin_evidence
FROM core.fact_sighting AS sighting
INNER JOIN core.fact_article AS article ON sighting.article_key = article.article_key
INNER JOIN core.article_revision AS revision ON sighting.revision_key = revision.revision_key
INNER JOIN core.dim_feed AS feed ON sighting.feed_key = feed.feed_key AND feed.is_current
INNER JOIN core.dim_outlet AS outlet ON feed.outlet_key = outlet.outlet_key
LEFT JOIN core.article_copy AS copy
    ON article.article_key = copy.article_key AND copy.replaced_at IS NULL
INNER JOIN core.fact_article AS origin
    ON coalesce(copy.origin_article_key, article.article_key) = origin.article_key;
