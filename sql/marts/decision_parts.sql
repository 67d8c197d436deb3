-- One row per part of the sum by which a text is on a topic: each rule once, what the model adds in
-- one row, and the sum. The weights add up: score = 1 / (1 + exp(-sum)).
-- column article_key: the article
-- column revision_key: the text that was matched
-- column outlet: who had the article first
-- column title: title of the text that was matched
-- column article_url: the article's canonical url
-- column first_seen_at: when the article was first seen
-- column topic: the topic that it was put on
-- column kept_by: rules or dedicated_feed
-- column score: score of the decision, 0 to 1
-- column threshold: the score from which the rules put a text on the topic; NULL: not recorded
-- column place: the order to read them in: 1 rules, 2 to 6 other parts, 7 sum
-- column part: the rule's name, or bias, model_on_rules, model, certain_rule, dedicated_feed, sum
-- column fields: where the rule's words stand: title, summary, body; NULL: not a rule
-- column words: the exact words that the rule matched; of another part, what it is
-- column weight: what it added; negative: it counted against the topic; NULL: the feed, which
--   decides without a weight
CREATE VIEW mart.decision_parts AS
SELECT
    decision.article_key,
    decision.revision_key,
    outlet.outlet,
    revision.title,
    article.canonical_url AS article_url,
    article.first_seen_at,
    decision.topic,
    decision.kept_by,
    decision.score,
    decision.threshold,
    part.place,
    part.part,
    part.fields,
    part.words,
    part.weight
FROM mart.topic_decisions AS decision
INNER JOIN core.article_revision AS revision ON decision.revision_key = revision.revision_key
INNER JOIN core.fact_article AS article ON decision.article_key = article.article_key
INNER JOIN core.dim_outlet AS outlet ON article.outlet_key = outlet.outlet_key
CROSS JOIN
    LATERAL (
        WITH rule AS (
            SELECT
                span.rule,
                string_agg(DISTINCT span.field, ', ') AS fields,
                string_agg(span.text, ' · ' ORDER BY span.span_number) AS words,
                max(span.weight)::numeric AS weight
            FROM core.topic_evidence AS span
            WHERE span.match_key = decision.match_key
            GROUP BY span.rule
        ),

        factor AS (
            SELECT
                split_part(each_factor ->> 'name', ':', 1) AS name,
                count(*) AS feature_count,
                sum((each_factor ->> 'weight')::numeric) AS weight
            FROM jsonb_array_elements(decision.factors) AS each_factor
            GROUP BY split_part(each_factor ->> 'name', ':', 1)
        ),

        part AS (
            SELECT
                1 AS place,
                rule.rule AS part,
                rule.fields,
                rule.words,
                rule.weight
            FROM rule
            UNION ALL
            SELECT
                array_position(
                    ARRAY['bias', 'rules', 'model', 'certain_rule', 'dedicated_feed'], factor.name
                ) + 1 AS place,
                CASE factor.name WHEN 'rules' THEN 'model_on_rules' ELSE factor.name END AS part,
                NULL AS fields,
                CASE factor.name
                    WHEN 'bias' THEN 'what every text starts with'
                    WHEN 'rules' THEN 'what the model adds to the sum of the rules, or takes away'
                    WHEN 'model'
                        THEN
                            factor.feature_count
                            || ' words and patterns that the model learned from labelled texts'
                    WHEN 'certain_rule' THEN 'a certain rule overrides the model'
                    WHEN 'dedicated_feed' THEN 'the feed list dedicates this feed to the topic'
                END AS words,
                CASE factor.name
                    WHEN 'dedicated_feed' THEN NULL
                    -- the factor is the rules' sum as the model weighs it
                    WHEN 'rules'
                        THEN factor.weight - (SELECT coalesce(sum(rule.weight), 0) FROM rule)
                    ELSE factor.weight
                END AS weight
            FROM factor
        )

        SELECT
            part.place,
            part.part,
            part.fields,
            part.words,
            trim_scale(round(part.weight, 4)) AS weight
        FROM part
        UNION ALL
        SELECT
            7 AS place,
            'sum' AS part,
            NULL AS fields,
            'score ' || round(decision.score::numeric, 2)
            || coalesce(', kept from ' || round(decision.threshold::numeric, 2), '')
            || CASE decision.kept_by WHEN 'dedicated_feed' THEN '; the feed decided' ELSE '' END
                AS words,
            trim_scale(round(sum(part.weight), 4)) AS weight
        FROM part
    ) AS part
WHERE decision.is_match;
