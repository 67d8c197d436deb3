-- How many articles are there a day on each topic, compared with the seven days before?
-- param days: 28  how many days back
-- param until: now  the end of the period, an instant such as 2026-03-01T12:00Z
WITH bounds AS (
    SELECT
        (cast(:until AS timestamptz) AT TIME ZONE 'UTC')::date AS last_day,
        (cast(:until AS timestamptz) AT TIME ZONE 'UTC')::date - (:days - 1) AS first_day
),

-- the mean of the first day shown needs the week before it
compared AS (
    SELECT
        daily.day,
        daily.topic,
        daily.article_count,
        daily.outlet_count,
        daily.backlog_count,
        -- days without an article have no row: divide by seven, not by the rows
        round(sum(daily.article_count) OVER week_before / 7.0, 1) AS mean_of_week_before
    FROM mart.topic_daily AS daily
    INNER JOIN bounds ON daily.day BETWEEN bounds.first_day - 7 AND bounds.last_day
    WINDOW
        week_before AS (
            PARTITION BY daily.topic
            ORDER BY daily.day
            RANGE BETWEEN INTERVAL '7 days' PRECEDING AND INTERVAL '1 day' PRECEDING
        )
)

SELECT compared.*
FROM compared
INNER JOIN bounds ON compared.day >= bounds.first_day
ORDER BY compared.day DESC, compared.topic ASC
