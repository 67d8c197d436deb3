-- One row: what was accepted yesterday (UTC), as a multiple of the median of the 14 days before.
SELECT
    1 AS row_number,
    CASE
        WHEN count(*) FILTER (WHERE day.age BETWEEN 2 AND 15) = 14
            THEN
                max(day.accepted_count) FILTER (WHERE day.age = 1)
                / greatest(
                    percentile_cont(0.5) WITHIN GROUP (ORDER BY day.accepted_count)
                    FILTER (WHERE day.age BETWEEN 2 AND 15),
                    1
                )
    END AS accepted_ratio
FROM (
    SELECT
        cast(:now AT TIME ZONE 'UTC' AS date)
        - cast(batch.started_at AT TIME ZONE 'UTC' AS date) AS age,
        sum(batch.accepted_count) AS accepted_count
    FROM ops.batch AS batch
    WHERE
        batch.verdict IN ('published', 'released') AND batch.is_listed_feeds
        AND batch.trigger <> 'replay' AND batch.started_at >= :now - interval '17 days'
    GROUP BY age
) AS day
