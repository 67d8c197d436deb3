-- Every open record with the expectations that it fails.
SELECT
    record.outlet,
    record.title,
    record.entry_url,
    record.seen_count,
    jsonb_agg(
        jsonb_build_object(
            'column', reason.column_name, 'value', reason.value, 'rule', reason.rule
        ) ORDER BY reason.reason_number
    ) AS failures
FROM mart.quarantine_open AS record
INNER JOIN ops.quarantine_reason AS reason ON record.quarantine_key = reason.quarantine_key
GROUP BY record.quarantine_key, record.outlet, record.title, record.entry_url, record.seen_count
ORDER BY record.outlet, record.quarantine_key
