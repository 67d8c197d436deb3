-- The statements of `trial.py`, by name.

-- name: on_topic
SELECT
    topic,
    count(DISTINCT article_key) AS amount
FROM mart.topic_decisions
WHERE is_match
GROUP BY topic;

-- name: changes
-- The number of changes of each kind, with a few examples.
SELECT * FROM (
    SELECT
        topic,
        change,
        article_key IS NULL AS is_off_topic,
        title,
        url,
        CASE change WHEN 'lost' THEN words_before ELSE words_after END AS words,
        count(*) OVER kind AS amount,
        row_number() OVER (kind ORDER BY first_seen_at DESC, url ASC, title ASC) AS place
    FROM mart.ruleset_changes
    WHERE ruleset_after = :version
    WINDOW kind AS (PARTITION BY topic, change, article_key IS NULL)
) AS shown
WHERE place <= :examples
ORDER BY topic, change, is_off_topic, place;
