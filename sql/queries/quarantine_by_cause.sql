-- Why are records in quarantine, and which outlets do they come from?
-- filters: outlet, feed
-- param status: open|released|rejected|any  open, released, rejected or any
-- param days: 30  how many days back, by when a feed last showed the record
-- param until: now  the end of the period, an instant such as 2026-03-01T12:00Z
SELECT
    reason.rule AS cause,
    reason.column_name,
    count(*)::integer AS record_count,
    sum(reason.seen_count)::integer AS seen_count,
    array_agg(DISTINCT reason.outlet ORDER BY reason.outlet) AS outlets,
    max(reason.last_seen_at) AS last_seen_at,
    min(reason.value) AS for_example
FROM mart.quarantine_reasons AS reason
WHERE
    (:status = 'any' OR reason.status = :status)
    AND (:outlet = 'any' OR reason.outlet = :outlet)
    AND (:feed = 'any' OR reason.feed_url = :feed)
    AND reason.last_seen_at > cast(:until AS timestamptz) - make_interval(days => :days)
    AND reason.last_seen_at <= cast(:until AS timestamptz)
GROUP BY reason.rule, reason.column_name
ORDER BY record_count DESC, cause ASC, reason.column_name ASC
