-- Why a revision is on its topics: a row per span of evidence and per factor (field is NULL).
SELECT
    topic,
    score,
    scope,
    ruleset,
    field,
    matched_text,
    start_offset,
    end_offset,
    rule,
    weight
FROM mart.why_matched
WHERE revision_key = :revision
ORDER BY topic ASC, weight DESC, field ASC, start_offset ASC
