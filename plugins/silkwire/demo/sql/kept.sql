-- Every article with its topics and the words that matched; those on both topics first, then by
-- score.
WITH matches AS (
    SELECT
        article_key,
        jsonb_agg(
            jsonb_build_object(
                'topic', topic, 'score', score, 'scope', scope, 'is_dedicated',
                jsonb_path_exists(
                    factors, '$[*] ? (@.name == $name)',
                    jsonb_build_object('name', cast(:dedicated_feed AS text))
                )
            ) ORDER BY topic
        ) AS matches
    FROM mart.topic_decisions
    WHERE is_match
    GROUP BY article_key
),

spans AS (
    SELECT
        article_key,
        jsonb_agg(
            jsonb_build_object(
                'topic', topic, 'field', field, 'start', start_offset, 'end', end_offset,
                'text', matched_text
            ) ORDER BY field DESC, start_offset ASC, topic ASC
        ) AS spans
    FROM mart.why_matched
    WHERE field IS NOT NULL AND weight > 0
    GROUP BY article_key
)

SELECT
    article.outlet,
    article.title,
    article.summary,
    coalesce(matches.matches, '[]') AS matches,
    coalesce(spans.spans, '[]') AS spans
FROM mart.articles AS article
LEFT JOIN matches ON article.article_key = matches.article_key
LEFT JOIN spans ON article.article_key = spans.article_key
ORDER BY
    cardinality(article.topics) DESC, article.score DESC, article.first_seen_at DESC,
    article.article_key ASC
