-- What is on no topic is kept where people can look for misses.
INSERT INTO ops.off_topic (
    feed_key, identity_hash, entry_url, title, summary, language, scores, ruleset,
    first_seen_at, last_seen_at, batch_id
)
SELECT
    entry.feed_key,
    entry.identity_hash,
    coalesce(entry.canonical_url, entry.link),
    entry.title,
    entry.summary,
    entry.language,
    entry.scores,
    :ruleset,
    entry.fetched_at,
    entry.fetched_at,
    :batch_id
FROM decided
INNER JOIN stage_entry AS entry ON decided.entry_number = entry.entry_number
WHERE decided.fate = 'off_topic'
ON CONFLICT (feed_key, identity_hash) DO UPDATE
    SET
        entry_url = excluded.entry_url,
        title = excluded.title,
        summary = excluded.summary,
        language = excluded.language,
        scores = excluded.scores,
        ruleset = excluded.ruleset,
        last_seen_at = excluded.last_seen_at,
        batch_id = excluded.batch_id
    -- A batch that is released late does not overwrite what its feed said since.
    WHERE off_topic.last_seen_at <= excluded.last_seen_at;
