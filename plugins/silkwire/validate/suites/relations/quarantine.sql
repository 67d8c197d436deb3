-- Quarantined records, and whether they say why.
SELECT
    record.quarantine_key,
    reason.quarantine_key AS explained_quarantine_key
FROM ops.quarantine AS record
LEFT JOIN (
    SELECT DISTINCT quarantine_reason.quarantine_key
    FROM ops.quarantine_reason
) AS reason ON record.quarantine_key = reason.quarantine_key
