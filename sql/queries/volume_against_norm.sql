-- On which days did an outlet have more or fewer articles on a topic than in the 28 days before?
-- param topic: any  ai, china_travel or any
-- param outlet: any  an outlet, or any
-- param days: 7  how many days back; the last day may be incomplete
-- param until: now  the end of the period, an instant such as 2026-03-01T12:00Z
-- param limit: 200  how many at most
WITH bounds AS (
    SELECT
        (cast(:until AS timestamptz) AT TIME ZONE 'UTC')::date AS last_day,
        (cast(:until AS timestamptz) AT TIME ZONE 'UTC')::date - (:days - 1) AS first_day
),

daily AS (
    SELECT
        topic.topic,
        article.outlet,
        (article.first_seen_at AT TIME ZONE 'UTC')::date AS day,
        -- backlog is no news of the day, but says that the outlet was read by then
        (count(*) FILTER (WHERE NOT article.is_backlog))::integer AS article_count
    FROM mart.articles AS article
    CROSS JOIN LATERAL unnest(article.topics) AS topic (topic)
    WHERE
        article.first_seen_at >= date_trunc(
            'day', cast(:until AS timestamptz) - make_interval(days => :days + 27), 'UTC'
        )
        AND article.first_seen_at <= cast(:until AS timestamptz)
        AND (:topic = 'any' OR topic.topic = :topic)
        AND (:outlet = 'any' OR article.outlet = :outlet)
    GROUP BY topic.topic, article.outlet, day
),

series AS (
    SELECT
        daily.topic,
        daily.outlet,
        min(daily.day) AS known_since
    FROM daily
    GROUP BY daily.topic, daily.outlet
),

-- a day without an article counts as 0 in the norm
filled AS (
    SELECT
        calendar.day::date AS day,
        series.topic,
        series.outlet,
        coalesce(daily.article_count, 0) AS article_count,
        -- a new outlet gets a norm after a week, from the days since its first article
        nullif(least(28, greatest(calendar.day::date - series.known_since, 6)), 6) AS norm_days
    FROM bounds
    CROSS JOIN
        LATERAL generate_series(bounds.first_day - 28, bounds.last_day, interval '1 day')
            AS calendar (day)
    INNER JOIN series ON calendar.day >= series.known_since
    LEFT JOIN daily
        ON
            series.topic = daily.topic
            AND series.outlet = daily.outlet
            AND calendar.day = daily.day
),

compared AS (
    SELECT
        filled.day,
        filled.topic,
        filled.outlet,
        filled.article_count,
        filled.norm_days,
        coalesce(sum(filled.article_count) OVER days_before, 0)::numeric AS norm_count
    FROM filled
    WINDOW
        days_before AS (
            PARTITION BY filled.topic, filled.outlet
            ORDER BY filled.day
            ROWS BETWEEN 28 PRECEDING AND 1 PRECEDING
        )
)

SELECT
    compared.day,
    compared.topic,
    compared.outlet,
    compared.article_count,
    round(compared.norm_count / compared.norm_days, 2) AS norm,
    round(compared.article_count * compared.norm_days / nullif(compared.norm_count, 0), 1)
        AS times_norm
FROM compared
INNER JOIN bounds ON compared.day >= bounds.first_day
WHERE compared.article_count > 0 OR compared.norm_count > 0
ORDER BY
    compared.day DESC,
    abs(compared.article_count - compared.norm_count / compared.norm_days) DESC NULLS LAST,
    compared.topic ASC,
    compared.outlet ASC
LIMIT :limit
