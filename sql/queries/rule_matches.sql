-- Which words did a rule match, and in which articles?
-- filters: topic, outlet, language
-- param rule: any  a rule's name or its beginning; `silkwire query rules_at_work` lists the rules
-- param days: 7  how many days back
-- param until: now  the end of the period, an instant such as 2026-03-01T12:00Z
-- param limit: 50  how many at most
SELECT
    why.first_seen_at,
    why.outlet,
    why.title,
    why.topic,
    why.rule,
    why.matched_text,
    why.weight,
    why.article_url
FROM mart.why_matched AS why
WHERE
    -- a factor without words, such as one of the model's many, is no rule
    CASE :rule WHEN 'any' THEN why.field IS NOT NULL ELSE starts_with(why.rule, :rule) END
    AND (:topic = 'any' OR why.topic = :topic)
    AND (
        (:outlet = 'any' AND :language = 'any')
        OR why.article_key IN (
            SELECT found.article_key
            FROM mart.filtered_articles('any', :outlet, :language, 'any', 'any', 'any') AS found
        )
    )
    AND why.first_seen_at > cast(:until AS timestamptz) - make_interval(days => :days)
    AND why.first_seen_at <= cast(:until AS timestamptz)
ORDER BY
    why.first_seen_at DESC,
    why.article_key ASC,
    why.revision_key ASC,
    why.topic ASC,
    why.rule ASC,
    why.field ASC,
    why.start_offset ASC
LIMIT :limit
