-- Of the late batch itself.
INSERT INTO late_counted
SELECT * FROM counted;

INSERT INTO late_off_topic (feed_key, identity_hash, fetched_at)
SELECT
    entry.feed_key,
    entry.identity_hash,
    entry.fetched_at
FROM decided
INNER JOIN stage_entry AS entry ON decided.entry_number = entry.entry_number
WHERE decided.fate = 'off_topic';
