-- The statements of `rulesets.py`, by name.

-- name: register
INSERT INTO core.dim_ruleset (version, first_used_at, thresholds)
VALUES (:version, :now, cast(:thresholds AS jsonb))
ON CONFLICT (version) DO UPDATE
    SET thresholds = excluded.thresholds
    WHERE dim_ruleset.thresholds IS NULL;

-- name: key
SELECT ruleset_key FROM core.dim_ruleset
WHERE version = :version;

-- name: in_force
SELECT version FROM core.dim_ruleset
WHERE adopted_at IS NOT NULL
ORDER BY adopted_at DESC, ruleset_key DESC LIMIT 1;

-- name: tried
UPDATE core.dim_ruleset SET scored_at = :now
WHERE version = :version AND (scored_at IS NULL OR version IS DISTINCT FROM (
    SELECT version FROM core.dim_ruleset
    WHERE adopted_at IS NOT NULL
    ORDER BY adopted_at DESC, ruleset_key DESC LIMIT 1
));

-- name: beginning
SELECT version FROM core.dim_ruleset
WHERE starts_with(version, :beginning)
ORDER BY version;
