-- Why was an article kept: which words decided, by which rule?
-- param words: China  words of its title, in any case
-- param days: 30  how many days back
SELECT
    reason.title,
    reason.topic,
    reason.score,
    reason.matched_text,
    reason.field,
    reason.rule,
    reason.weight
FROM mart.why_matched AS reason
INNER JOIN mart.articles AS article ON reason.article_key = article.article_key
WHERE
    strpos(lower(article.title), lower(:words)) > 0
    AND article.first_seen_at >= now() - make_interval(days => :days)
ORDER BY
    article.first_seen_at DESC,
    article.article_key ASC,
    reason.revision_key ASC,
    reason.topic ASC,
    reason.weight DESC,
    reason.field ASC,
    reason.start_offset ASC
