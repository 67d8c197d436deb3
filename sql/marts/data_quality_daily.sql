-- One row per day and expectation: how many values were validated and how many failed.
-- column day: UTC date of the run
-- column suite: the suite of expectations: entry, batch or warehouse
-- column expectation: the name of the expectation
-- column column_name: the column that it is about; NULL: the whole row
-- column run_count: how often it was validated
-- column element_count: values that were validated
-- column unexpected_count: values that failed
-- column unexpected_share: unexpected_count / element_count, 0 to 1
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
