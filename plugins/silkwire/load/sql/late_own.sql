-- The late batch's own counts and off-topic entries.
INSERT INTO late_counted
SELECT * FROM counted;

INSERT INTO late_off_topic (feed_key, identity_hash, fetched_at)
SELECT
    decided.feed_key,
    decided.identity_hash,
    decided.fetched_at
FROM decided
WHERE decided.outcome = 'off_topic';
