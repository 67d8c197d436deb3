-- Decisions that a text matches a topic; the key once more where nothing explains the decision.
WITH explained AS (
    SELECT DISTINCT evidence.match_key
    FROM core.topic_evidence AS evidence
)

SELECT
    decision.match_key,
    CASE
        WHEN explained.match_key IS NULL AND decision.factors = '[]' THEN decision.match_key
    END AS unexplained_match_key
FROM core.fact_topic_match AS decision
LEFT JOIN explained ON decision.match_key = explained.match_key
WHERE decision.is_match
