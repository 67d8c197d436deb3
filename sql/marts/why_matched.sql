-- One row per reason: the words, or the factor without words, that put an article on a topic.
-- column article_key: the article
-- column revision_key: the text that was matched
-- column outlet: who had the article first
-- column title: title of the text that was matched
-- column article_url: the article's canonical url
-- column first_seen_at: when the article was first seen
-- column topic: the topic that it was put on
-- column scope: the direction of travel; NULL: unknown, or another topic
-- column score: score of the decision, 0 to 1, the same for all its reasons
-- column field: title, summary or body; NULL: a factor without words
-- column matched_text: the exact words; NULL: a factor without words
-- column start_offset: where the words begin in the field, in code points from 0
-- column end_offset: where the words end
-- column rule: the name of the rule or factor
-- column weight: what it added to the score; negative: it counted against the topic
-- column ruleset: the version of the rules that decided
CREATE VIEW mart.why_matched AS
SELECT
    decision.article_key,
    decision.revision_key,
    outlet.outlet,
    revision.title,
    article.canonical_url AS article_url,
    article.first_seen_at,
    decision.topic,
    decision.scope,
    decision.score,
    reason.field,
    reason.matched_text,
    reason.start_offset,
    reason.end_offset,
    reason.rule,
    reason.weight,
    decision.ruleset
FROM mart.topic_decisions AS decision
INNER JOIN core.article_revision AS revision ON decision.revision_key = revision.revision_key
INNER JOIN core.fact_article AS article ON decision.article_key = article.article_key
INNER JOIN core.dim_outlet AS outlet ON article.outlet_key = outlet.outlet_key
INNER JOIN LATERAL (
    SELECT
        evidence.field,
        evidence.text AS matched_text,
        evidence.start_offset,
        evidence.end_offset,
        evidence.rule,
        evidence.weight
    FROM core.topic_evidence AS evidence
    WHERE evidence.match_key = decision.match_key
    UNION ALL
    SELECT
        NULL AS field,
        NULL AS matched_text,
        NULL AS start_offset,
        NULL AS end_offset,
        factor ->> 'name' AS rule,
        (factor ->> 'weight')::real AS weight
    FROM jsonb_array_elements(decision.factors) AS factor
) AS reason ON TRUE
WHERE decision.is_match;
