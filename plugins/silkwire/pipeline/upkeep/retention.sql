-- What retention removes. `retention.py` runs these statements by their names.

-- name: decisions_of_trials
-- Decisions of rulesets that were tried and never put in force.
DELETE FROM core.fact_topic_match AS decision
USING core.dim_ruleset AS ruleset
WHERE
    decision.ruleset_key = ruleset.ruleset_key
    AND ruleset.adopted_at IS NULL AND ruleset.scored_at < :until;

-- name: trials
DELETE FROM core.dim_ruleset
WHERE adopted_at IS NULL AND scored_at < :until;

-- name: archive_trials
-- Which batches of the archive a trial has read, whether or not its ruleset was adopted.
DELETE FROM ops.archive_trial AS reading
USING core.dim_ruleset AS ruleset
WHERE reading.ruleset_key = ruleset.ruleset_key AND ruleset.scored_at < :until;

-- name: off_topic
-- An entry that a trial would load stays as long as that trial, so that its ruleset can be adopted.
DELETE FROM ops.off_topic AS entry
WHERE
    entry.last_seen_at < :until AND NOT EXISTS (
        SELECT FROM ops.off_topic_trial AS trial
        INNER JOIN core.dim_ruleset AS ruleset ON trial.ruleset_key = ruleset.ruleset_key
        WHERE
            trial.feed_key = entry.feed_key AND trial.identity_hash = entry.identity_hash
            AND trial.gained <> '{}' AND ruleset.scored_at >= :until
    );

-- name: off_topic_documents
DELETE FROM ops.off_topic_document AS document
WHERE NOT EXISTS (
    SELECT FROM ops.off_topic AS entry
    WHERE
        entry.feed_key = document.feed_key
        AND document.fetched_at IN (entry.first_seen_at, entry.last_seen_at)
);

-- name: records
-- A record's age counts from when its feed last showed the entry: while the feed shows it, the
-- decision still applies to it.
DELETE FROM ops.quarantine
WHERE
    (status <> 'open' AND greatest(decided_at, last_seen_at) < :decided_until)
    OR (status = 'open' AND last_seen_at < cast(:open_until AS timestamptz));

-- name: ended_batches
-- Batches whose folders can go. Releasing a held batch reads its own files and those of every batch
-- that ended after it started, so all of these stay until somebody decides.
SELECT batch.batch_id
FROM ops.batch AS batch
WHERE
    batch.batch_id = any(:found)
    AND (
        (
            batch.state = 'done' AND batch.verdict <> 'held'
            AND greatest(batch.finished_at, batch.decided_at) < :until
        )
        OR (batch.state = 'abandoned' AND batch.lease_expires_at < :until)
    )
    AND NOT EXISTS (
        SELECT FROM ops.batch AS held
        WHERE held.verdict = 'held' AND held.started_at < batch.finished_at
    )
ORDER BY batch.batch_id;
