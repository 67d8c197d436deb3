-- One row an on-topic article: its text now, its topics, its outlet, its url and its dates.
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
    article.published_raw,
    revision.authors,
    article.image_url,
    article.loaded_at
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
) AS edited ON TRUE;
