-- One row per topic and article (or off-topic entry) on which the rules of a trial
-- (silkwire replay --ruleset) decide otherwise than the rules in force.
-- column ruleset_after: the version of the rules of the trial
-- column ruleset_before: the version of the rules whose decision they would replace
-- column change: gained or lost
-- column topic: the topic that it would gain or lose
-- column article_key: the article; NULL: an off-topic entry
-- column title: title of the article's current text, or of the entry; NULL: none
-- column url: the article's canonical url or link, or the entry's; NULL: none
-- column outlet: who had the article first, or publishes the feed of the entry
-- column feed_url: the feed that had the article first, or shows the entry
-- column published_at: as the feed says; NULL: no date, or an off-topic entry
-- column first_seen_at: when a feed first showed it
-- column score_before: the highest score of its texts by the rules in force, 0 to 1
-- column score_after: the highest score of its texts by the rules of the trial, 0 to 1
-- column words_before: the words that count by the rules in force; NULL: none, or an off-topic
--   entry
-- column words_after: the words that count by the rules of the trial; NULL: none
CREATE VIEW mart.ruleset_changes AS
WITH newest AS (
    SELECT max(ruleset.adopted_at) AS adopted_at
    FROM core.dim_ruleset AS ruleset
),

candidate AS (
    SELECT
        ruleset.ruleset_key,
        ruleset.version,
        coalesce(ruleset.adopted_at = newest.adopted_at, FALSE) AS is_in_force
    FROM core.dim_ruleset AS ruleset
    CROSS JOIN newest
    WHERE
        ruleset.scored_at IS NOT NULL
        AND (
            ruleset.adopted_at IS NULL
            OR ruleset.scored_at > ruleset.adopted_at
            OR ruleset.adopted_at = newest.adopted_at
        )
),

-- Articles with a text on which the rules of a trial decide otherwise.
changed_article AS (
    SELECT DISTINCT
        candidate.ruleset_key,
        candidate.version,
        revision.article_key,
        topic.topic_key,
        topic.topic
    FROM candidate
    INNER JOIN core.fact_topic_match AS tried ON candidate.ruleset_key = tried.ruleset_key
    INNER JOIN core.article_revision AS revision ON tried.revision_key = revision.revision_key
    INNER JOIN core.dim_topic AS topic ON tried.topic_key = topic.topic_key
    LEFT JOIN mart.topic_decisions AS decision
        ON tried.revision_key = decision.revision_key AND topic.topic = decision.topic
    WHERE
        NOT candidate.is_in_force
        AND tried.is_match <> coalesce(decision.is_match, FALSE)
)

SELECT
    changed_article.version AS ruleset_after,
    compared.ruleset AS ruleset_before,
    CASE WHEN compared.is_after THEN 'gained' ELSE 'lost' END AS change,
    changed_article.topic,
    article.article_key,
    revision.title,
    coalesce(article.canonical_url, sighting.link) AS url,
    outlet.outlet,
    feed.feed_url,
    article.published_at,
    article.first_seen_at,
    compared.score_before,
    compared.score_after,
    compared.words_before,
    compared.words_after
FROM changed_article
INNER JOIN LATERAL (
    -- A text that the trial has not matched keeps the decision in force.
    SELECT
        coalesce(bool_or(decision.is_match), FALSE) AS is_before,
        bool_or(coalesce(tried.is_match, decision.is_match)) AS is_after,
        max(decision.score) AS score_before,
        max(coalesce(tried.score, decision.score)) AS score_after,
        max(decision.ruleset) AS ruleset,
        (
            SELECT array_agg(DISTINCT evidence.text ORDER BY evidence.text)
            FROM core.topic_evidence AS evidence
            WHERE evidence.match_key = any(array_agg(decision.match_key))
        ) AS words_before,
        (
            SELECT array_agg(DISTINCT evidence.text ORDER BY evidence.text)
            FROM core.topic_evidence AS evidence
            WHERE evidence.match_key = any(
                array_agg(coalesce(tried.match_key, decision.match_key))
            )
        ) AS words_after
    FROM core.article_revision AS text_of
    LEFT JOIN core.fact_topic_match AS tried
        ON
            text_of.revision_key = tried.revision_key
            AND changed_article.topic_key = tried.topic_key
            AND changed_article.ruleset_key = tried.ruleset_key
    LEFT JOIN mart.topic_decisions AS decision
        ON text_of.revision_key = decision.revision_key AND changed_article.topic = decision.topic
    WHERE text_of.article_key = changed_article.article_key
) AS compared ON compared.is_before <> compared.is_after
INNER JOIN core.fact_article AS article ON changed_article.article_key = article.article_key
INNER JOIN core.article_revision AS revision
    ON article.current_revision_key = revision.revision_key
INNER JOIN core.dim_outlet AS outlet ON article.outlet_key = outlet.outlet_key
LEFT JOIN ops.feed AS feed ON article.first_feed_key = feed.feed_key
LEFT JOIN core.fact_sighting AS sighting
    ON
        article.article_key = sighting.article_key
        AND article.first_feed_key = sighting.feed_key
UNION ALL
-- Off-topic entries, also for the rules in force: what these would gain is not loaded yet.
SELECT
    candidate.version AS ruleset_after,
    entry.ruleset AS ruleset_before,
    'gained' AS change,
    gained.topic,
    NULL AS article_key,
    entry.title,
    entry.entry_url AS url,
    feed.outlet,
    feed.feed_url,
    NULL AS published_at,
    entry.first_seen_at,
    (entry.scores ->> gained.topic)::real AS score_before,
    (gained.found ->> 'score')::real AS score_after,
    NULL AS words_before,
    (
        SELECT array_agg(words.word ORDER BY words.word)
        FROM jsonb_array_elements_text(gained.found -> 'words') AS words (word)
    ) AS words_after
FROM candidate
INNER JOIN ops.off_topic_trial AS trial ON candidate.ruleset_key = trial.ruleset_key
INNER JOIN ops.off_topic AS entry
    ON trial.feed_key = entry.feed_key AND trial.identity_hash = entry.identity_hash
INNER JOIN ops.feed AS feed ON entry.feed_key = feed.feed_key
CROSS JOIN LATERAL jsonb_each(trial.gained) AS gained (topic, found)
WHERE
    trial.gained <> '{}'
    AND NOT EXISTS (
        SELECT 1
        FROM core.fact_article AS known
        WHERE known.identity_hash = entry.identity_hash
    );
