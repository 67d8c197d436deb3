-- The off-topic entries of the load, for `warehouse/tables/off_topic` to save.
CREATE TEMPORARY TABLE staged_off_topic ON COMMIT DROP AS
SELECT
    entry.feed_key,
    entry.identity_hash,
    coalesce(entry.canonical_url, entry.link) AS entry_url,
    entry.title,
    entry.summary,
    entry.language,
    entry.scores,
    cast(:ruleset AS text) AS ruleset,
    entry.fetched_at AS first_seen_at,
    entry.fetched_at AS last_seen_at,
    cast(:batch_id AS text) AS batch_id
FROM decided
INNER JOIN stage_entry AS entry ON decided.entry_number = entry.entry_number
WHERE decided.outcome = 'off_topic';
