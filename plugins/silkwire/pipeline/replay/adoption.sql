-- The statements of `adoption.py`, by name.

-- name: sources
SELECT DISTINCT ON (feed.feed_key, attempt.started_at)
    feed.feed_key,
    feed.feed_url,
    attempt.started_at AS fetched_at,
    attempt.started_at AS last_seen_at,
    attempt.archive_file,
    attempt.archive_offset,
    coalesce(attempt.final_url, attempt.fetch_url) AS document_url,
    feed.language AS feed_language,
    feed.topics AS feed_topics,
    feed.urls_repeat AS is_urls_repeat,
    feed.guids_repeat AS is_guids_repeat
FROM unnest(cast(:urls AS text[]), cast(:times AS timestamptz[])) AS given (feed_url, started_at)
INNER JOIN ops.feed ON given.feed_url = feed.feed_url
INNER JOIN ops."fetch" AS attempt
    ON
        feed.feed_key = attempt.feed_key
        AND given.started_at = attempt.started_at AND attempt.outcome = 'new'
ORDER BY feed.feed_key, attempt.started_at, attempt.batch_id;
