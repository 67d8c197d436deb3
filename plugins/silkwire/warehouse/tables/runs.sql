-- The statement of `runs.py`.

-- name: runs
SELECT
    recent.run_at AS ended_at,
    result.*
FROM (
    SELECT
        run.*,
        row_number() OVER (PARTITION BY run.suite ORDER BY run.run_at DESC) AS age
    FROM (
        SELECT
            kept.batch_id,
            kept.suite,
            max(kept.run_at) AS run_at
        FROM ops.expectation_result AS kept
        WHERE kept.run_at >= :since
        GROUP BY kept.batch_id, kept.suite
    ) AS run
) AS recent
INNER JOIN ops.expectation_result AS result
    ON recent.batch_id = result.batch_id AND recent.suite = result.suite
WHERE recent.age <= :limit AND result.run_at >= :since
ORDER BY recent.run_at DESC, result.batch_id ASC, result.suite ASC, result.expectation_number ASC;
