-- Quarantined records; the key once more where the record has a reason.
WITH explained AS (
    SELECT DISTINCT reason.quarantine_key
    FROM ops.quarantine_reason AS reason
)

SELECT
    record.quarantine_key,
    explained.quarantine_key AS explained_quarantine_key
FROM ops.quarantine AS record
LEFT JOIN explained ON record.quarantine_key = explained.quarantine_key
