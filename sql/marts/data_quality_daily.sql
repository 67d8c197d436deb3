-- One row a day and expectation: how many records were judged and how many failed.
CREATE VIEW mart.data_quality_daily AS
SELECT
    (result.run_at AT TIME ZONE 'UTC')::date AS day,
    result.suite,
    result.expectation,
    result.column_name,
    count(*)::integer AS run_count,
    sum(result.element_count)::bigint AS element_count,
    sum(result.unexpected_count)::bigint AS unexpected_count,
    coalesce(
        sum(result.unexpected_count)::double precision / nullif(sum(result.element_count), 0), 0
    ) AS unexpected_share
FROM ops.expectation_result AS result
GROUP BY day, result.suite, result.expectation, result.column_name;
