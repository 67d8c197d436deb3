-- In how many articles does each rule match, and in how many is it the only one?
-- filters: topic, outlet, language, feed, tag
-- param days: 7  how many days back
-- param until: now  the end of the period, an instant such as 2026-03-01T12:00Z
WITH hit AS (
    SELECT
        why.topic,
        why.rule,
        why.article_key,
        why.matched_text,
        why.title,
        count(*) OVER (PARTITION BY why.topic, why.rule, why.article_key) AS rule_hits,
        count(*) OVER (PARTITION BY why.topic, why.article_key) AS all_hits
    FROM mart.why_matched AS why
    WHERE
        why.weight > 0
        -- a factor without words, such as one of the model's many, is no rule
        AND why.field IS NOT NULL
        AND why.first_seen_at > cast(:until AS timestamptz) - make_interval(days => :days)
        AND why.first_seen_at <= cast(:until AS timestamptz)
        AND (:topic = 'any' OR why.topic = :topic)
        AND (
            'any' = all(ARRAY[:outlet, :language, :feed, :tag])
            OR why.article_key IN (
                SELECT found.article_key
                FROM
                    mart.filtered_articles('any', :outlet, :language, :feed, :tag, 'any')
                        AS found
            )
        )
)

SELECT
    hit.topic,
    hit.rule,
    count(DISTINCT hit.article_key)::integer AS article_count,
    count(DISTINCT hit.article_key) FILTER (WHERE hit.rule_hits = hit.all_hits)::integer
        AS alone_count,
    (mode() WITHIN GROUP (ORDER BY hit.matched_text)) AS commonest_words,
    max(hit.title) AS for_example
FROM hit
GROUP BY hit.topic, hit.rule
ORDER BY article_count DESC, hit.topic ASC, hit.rule ASC
