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

-- name: settled_batches
-- A batch of the archive is in `ops.batch` under its own id or, if it was replayed, under the id of
-- the replaying batch. Its files go once all of these are old and decided on and none has an open
-- record in quarantine.
SELECT coalesce(batch.replays_batch_id, batch.batch_id) AS archived_id
FROM ops.batch AS batch
WHERE coalesce(batch.replays_batch_id, batch.batch_id) = any(:found)
GROUP BY archived_id
HAVING
    bool_and(
        batch.started_at < :until
        AND batch.state IN ('done', 'abandoned')
        AND batch.verdict IS DISTINCT FROM 'held'
        AND NOT EXISTS (
            SELECT FROM ops.quarantine AS record
            WHERE record.batch_id = batch.batch_id AND record.status = 'open'
        )
    );
