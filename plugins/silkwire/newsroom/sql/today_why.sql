-- Why the current texts of these articles are on their topics.
SELECT
    why.article_key,
    why.topic,
    why.field,
    why.matched_text,
    why.start_offset,
    why.end_offset,
    why.rule
FROM mart.why_matched AS why
INNER JOIN core.fact_article AS article
    ON
        why.article_key = article.article_key
        AND why.revision_key = article.current_revision_key
WHERE why.article_key = ANY(:keys)
ORDER BY why.article_key ASC, why.weight DESC
