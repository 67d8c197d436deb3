-- How many articles are there a day on each topic, compared with the seven days before?
-- param days: 28  how many days back
-- param until: now  the end of the period, an instant such as 2026-03-01T12:00Z
SELECT
    daily.day,
    daily.topic,
    daily.article_count,
    daily.outlet_count,
    -- days without an article have no row: divide by seven, not by the rows
    round(sum(daily.article_count) OVER week_before / 7.0, 1) AS mean_of_week_before
FROM mart.topic_daily AS daily
WHERE
    daily.day > (cast(:until AS timestamptz) AT TIME ZONE 'UTC')::date - :days
    AND daily.day <= (cast(:until AS timestamptz) AT TIME ZONE 'UTC')::date
WINDOW
    week_before AS (
        PARTITION BY daily.topic
        ORDER BY daily.day
        RANGE BETWEEN INTERVAL '7 days' PRECEDING AND INTERVAL '1 day' PRECEDING
    )
ORDER BY daily.day DESC, daily.topic ASC
