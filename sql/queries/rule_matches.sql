-- Which words did a rule match, and in which articles?
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
    (:rule = 'any' OR starts_with(why.rule, :rule))
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
