-- Which expectations fail most often?
-- param days: 7  how many days back, today included
-- param until: now  the end of the period, an instant such as 2026-03-01T12:00Z
SELECT
    quality.suite,
    quality.expectation,
    quality.column_name,
    sum(quality.run_count)::integer AS run_count,
    sum(quality.element_count)::bigint AS element_count,
    sum(quality.unexpected_count)::bigint AS unexpected_count,
    round(sum(quality.unexpected_count) / nullif(sum(quality.element_count), 0), 4)
        AS unexpected_share
FROM mart.data_quality_daily AS quality
WHERE
    quality.day > (cast(:until AS timestamptz) AT TIME ZONE 'UTC')::date - :days
    AND quality.day <= (cast(:until AS timestamptz) AT TIME ZONE 'UTC')::date
GROUP BY quality.suite, quality.expectation, quality.column_name
HAVING sum(quality.unexpected_count) > 0
ORDER BY unexpected_count DESC, quality.suite ASC, quality.expectation ASC, quality.column_name ASC
