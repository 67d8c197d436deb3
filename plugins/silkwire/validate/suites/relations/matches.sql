-- Decisions that a text is on a topic, and which of them nothing explains.
SELECT
    decision.match_key,
    CASE
        WHEN evidence.match_key IS NULL AND decision.factors = '[]' THEN decision.match_key
    END AS unexplained_match_key
FROM core.fact_topic_match AS decision
LEFT JOIN (
    SELECT DISTINCT topic_evidence.match_key
    FROM core.topic_evidence
) AS evidence ON decision.match_key = evidence.match_key
WHERE decision.is_match
