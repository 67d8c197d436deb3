-- The statements of `findings.py`, by name.

-- name: kept
-- Every article with its topics and the words that matched; those on both topics first, then by
-- score.
WITH matches AS (
    SELECT
        article_key,
        jsonb_agg(
            jsonb_build_object(
                'topic', topic, 'score', score, 'scope', scope, 'is_dedicated',
                jsonb_path_exists(
                    factors, '$[*] ? (@.name == $name)',
                    jsonb_build_object('name', cast(:dedicated_feed AS text))
                )
            ) ORDER BY topic
        ) AS matches
    FROM mart.topic_decisions
    WHERE is_match
    GROUP BY article_key
),

spans AS (
    SELECT
        article_key,
        jsonb_agg(
            jsonb_build_object(
                'topic', topic, 'field', field, 'start', start_offset, 'end', end_offset,
                'text', matched_text
            ) ORDER BY field DESC, start_offset ASC, topic ASC
        ) AS spans
    FROM mart.why_matched
    WHERE field IS NOT NULL AND weight > 0
    GROUP BY article_key
)

SELECT
    article.outlet,
    article.title,
    article.summary,
    coalesce(matches.matches, '[]') AS matches,
    coalesce(spans.spans, '[]') AS spans
FROM mart.articles AS article
LEFT JOIN matches ON article.article_key = matches.article_key
LEFT JOIN spans ON article.article_key = spans.article_key
ORDER BY
    cardinality(article.topics) DESC, article.score DESC, article.first_seen_at DESC,
    article.article_key ASC;

-- name: left_out
-- The off-topic entries with the highest scores.
SELECT
    outlet,
    coalesce(title, ''),
    coalesce(greatest(ai_score, china_travel_score), 0) AS score
FROM mart.off_topic_recent
ORDER BY greatest(ai_score, china_travel_score) DESC, entry_url LIMIT :limit;

-- name: quarantined
-- Every open record with the expectations that it fails.
SELECT
    record.outlet,
    record.title,
    record.entry_url,
    record.seen_count,
    jsonb_agg(
        jsonb_build_object(
            'column', reason.column_name, 'value', reason.value, 'rule', reason.rule
        ) ORDER BY reason.reason_number
    ) AS failures
FROM mart.quarantine_open AS record
INNER JOIN ops.quarantine_reason AS reason ON record.quarantine_key = reason.quarantine_key
GROUP BY record.quarantine_key, record.outlet, record.title, record.entry_url, record.seen_count
ORDER BY record.outlet, record.quarantine_key;

-- name: answers
-- How the fetches of a batch ended, in the order of the feed list.
SELECT
    feed.title,
    attempt.outcome,
    attempt.http_status,
    attempt.error_class,
    attempt.fetched_count
FROM ops."fetch" AS attempt
INNER JOIN ops.feed AS feed ON attempt.feed_key = feed.feed_key
WHERE attempt.batch_id = :batch_id
ORDER BY feed.feed_key;

-- name: edits
SELECT * FROM mart.article_edits
ORDER BY edited_at, revision_key;

-- name: totals
SELECT
    (SELECT count(*) FROM mart.articles) AS article_count,
    (SELECT count(*) FROM mart.quarantine_open) AS quarantine_count;
