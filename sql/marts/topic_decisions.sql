-- One row per text of an article and topic: the decision in force. Of the rulesets that matched the
-- text, the one adopted last decides.
-- column article_key: the article
-- column revision_key: the text
-- column match_key: the decision; mart.why_matched lists its reasons
-- column topic: the topic, such as ai or china_travel
-- column is_match: whether the text is on the topic
-- column score: how likely the text is on the topic by the rules alone, 0 to 1; where a dedicated
--   feed decided (kept_by), lower than the threshold
-- column scope: the direction of travel; NULL: unknown, or another topic
-- column factors: what counted besides words, such as a feed dedicated to the topic; JSON with name
--   and weight
-- column flags: remarks of the rules
-- column ruleset: the version of the rules that decided
-- column kept_by: rules, or dedicated_feed where the rules alone would not have kept the text;
--   NULL: it is not on the topic
-- column threshold: the score from which the rules put a text on the topic; NULL: not recorded
CREATE VIEW mart.topic_decisions AS
SELECT
    revision.article_key,
    decision.revision_key,
    decision.match_key,
    topic.topic,
    decision.is_match,
    decision.score,
    decision.scope,
    decision.factors,
    decision.flags,
    ruleset.version AS ruleset,
    CASE
        WHEN NOT decision.is_match THEN NULL
        WHEN
            decision.factors @> '[{"name": "dedicated_feed"}]'
            AND coalesce(decision.score < (ruleset.thresholds ->> topic.topic)::real, TRUE)
            THEN 'dedicated_feed'
        ELSE 'rules'
    END AS kept_by,
    (ruleset.thresholds ->> topic.topic)::real AS threshold
FROM core.fact_topic_match AS decision
INNER JOIN core.article_revision AS revision ON decision.revision_key = revision.revision_key
INNER JOIN core.dim_topic AS topic ON decision.topic_key = topic.topic_key
INNER JOIN core.dim_ruleset AS ruleset ON decision.ruleset_key = ruleset.ruleset_key
WHERE
    ruleset.adopted_at IS NOT NULL
    AND NOT EXISTS (
        SELECT 1
        FROM core.fact_topic_match AS newer
        INNER JOIN core.dim_ruleset AS newer_ruleset
            ON newer.ruleset_key = newer_ruleset.ruleset_key
        WHERE
            newer.revision_key = decision.revision_key
            AND newer.topic_key = decision.topic_key
            AND (newer_ruleset.adopted_at, newer.ruleset_key)
            > (ruleset.adopted_at, decision.ruleset_key)
    );
