-- The statements of `watches.py`, by name.

-- name: register
INSERT INTO ops.watch (watch, known_since) VALUES (:watch, :now) ON CONFLICT DO NOTHING;

-- name: known_since
SELECT
    watch,
    known_since
FROM ops.watch;

-- name: new_texts
-- Texts that watches may be notified of: revisions loaded since an instant that are on topic, with
-- the columns of silkwire.watches.Found, with loaded_at, and with the origin (origin_key) of an
-- article that is a copy or has copies. Left out are
--   * another feed's first text of a known article (kind 'variant'),
--   * what a replay loaded,
--   * what an adoption of rules loaded although its feed showed it before that instant.
SELECT
    revision.revision_key,
    revision.article_key,
    revision.kind = 'revised' AS is_edit,
    revision.recorded_from AS seen_at,
    revision.loaded_at,
    outlet.outlet,
    coalesce(nullif(revision.title, ''), 'No headline') AS title,
    coalesce(revision.summary, '') AS summary,
    coalesce(article.canonical_url, sighting.link) AS url,
    decided.topics,
    coalesce(decided.scopes, '{}') AS scopes,
    coalesce(decided.matched, '{}') AS matched,
    CASE revision.kind
        WHEN 'inserted' THEN 'article ' || revision.article_key
        ELSE 'edit ' || revision.article_key || ' ' || encode(revision.text_hash, 'hex')
    END AS text_key,
    CASE
        WHEN revision.kind = 'inserted'
            THEN
                coalesce(
                    copy.origin_article_key,
                    (
                        SELECT min(other.origin_article_key)
                        FROM core.article_copy AS other
                        WHERE
                            other.replaced_at IS NULL
                            AND other.origin_article_key = revision.article_key
                    )
                )
    END AS origin_key
FROM core.article_revision AS revision
INNER JOIN ops.batch AS batch
    ON
        revision.batch_id = batch.batch_id AND batch.trigger <> 'replay'
        AND (batch.trigger <> 'adopt' OR revision.recorded_from >= :from_at)
INNER JOIN core.fact_article AS article ON revision.article_key = article.article_key
INNER JOIN core.dim_outlet AS outlet ON article.outlet_key = outlet.outlet_key
LEFT JOIN core.fact_sighting AS sighting
    ON revision.article_key = sighting.article_key AND revision.feed_key = sighting.feed_key
INNER JOIN LATERAL (
    SELECT
        array_agg(DISTINCT decision.topic) AS topics,
        array_agg(DISTINCT decision.scope) FILTER (WHERE decision.scope IS NOT NULL) AS scopes,
        (
            SELECT array_agg(words.text ORDER BY words.weight DESC, words.text ASC)
            FROM (
                SELECT
                    evidence.text,
                    max(evidence.weight) AS weight
                FROM core.topic_evidence AS evidence
                WHERE evidence.match_key = any(array_agg(decision.match_key))
                GROUP BY evidence.text
            ) AS words
        ) AS matched
    FROM mart.topic_decisions AS decision
    WHERE decision.revision_key = revision.revision_key AND decision.is_match
) AS decided ON decided.topics IS NOT NULL
LEFT JOIN core.article_copy AS copy
    ON revision.article_key = copy.article_key AND copy.replaced_at IS NULL
WHERE revision.loaded_at >= :from_at AND revision.kind IN ('inserted', 'revised')
ORDER BY revision.recorded_from, revision.revision_key;
