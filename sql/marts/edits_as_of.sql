-- One row per revision that is an edit on its feed's timeline, with the edit of the article that it
-- shows; as of an instant: only what was loaded by then counts.
--   Feeds show the same change one after another, some later than others. So a change of a field
--   (title, summary or body) is known by the text after it and by how often the feed had left that
--   text before; a feed that came after another had left the text, and began with a later one,
--   counts as having left it once. A revision is an edit of the article if it is the first to bring
--   one of its changes; otherwise it only follows another feed. A → B → A is two edits in however
--   many feeds, and a feed that still shows A takes nothing back.
--   `edit_key` is the revision that was first; `new_fields` are the fields whose change this
--   revision was the first to bring; empty: none, so it is no edit of the article.
CREATE FUNCTION mart.edits_as_of(known_at timestamptz)
RETURNS TABLE (
    article_key bigint,
    revision_key bigint,
    feed_key bigint,
    edit_key bigint,
    new_fields text[],
    edited_at timestamptz
)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    -- noqa: disable=RF02,RF03,ST05
    -- One SELECT, and every window by article, so that PostgreSQL inlines it and reads a single
    -- article where one is asked for.
    SELECT
        brought.article_key,
        brought.revision_key,
        brought.feed_key,
        CASE
            WHEN bool_or(brought.first_key = brought.revision_key) THEN brought.revision_key
            ELSE max(brought.first_key)
        END AS edit_key,
        coalesce(
            array_agg(brought.field ORDER BY brought.field_number)
            FILTER (WHERE brought.first_key = brought.revision_key),
            '{}'
        ) AS new_fields,
        brought.recorded_from AS edited_at
    FROM (
        SELECT
            numbered.*,
            first_value(numbered.revision_key) OVER (
                PARTITION BY
                    numbered.article_key, numbered.field, numbered.text_hash, numbered.left_count
                ORDER BY numbered.recorded_from, numbered.feed_key, numbered.revision_key
            ) AS first_key
        FROM (
            SELECT
                moved.*,
                count(*) FILTER (WHERE NOT moved.is_arrival)
                    OVER (
                        PARTITION BY moved.article_key, moved.feed_key, moved.field, moved.text_hash
                        ORDER BY moved.revision_number
                        ROWS UNBOUNDED PRECEDING
                    )
                -- Another feed had left it before this one came, which began with a later text.
                + coalesce(
                    min(moved.recorded_from) FILTER (WHERE NOT moved.is_arrival) OVER (
                        PARTITION BY moved.article_key, moved.field, moved.text_hash
                    ) < moved.feed_since
                    AND moved.text_hash IS DISTINCT FROM first_value(moved.text_hash) OVER (
                        PARTITION BY moved.article_key, moved.feed_key, moved.field
                        ORDER BY moved.revision_number, moved.is_arrival
                    ),
                    FALSE
                )::integer AS left_count
            FROM (
                SELECT
                    after_edit.article_key,
                    after_edit.revision_key,
                    after_edit.feed_key,
                    after_edit.revision_number,
                    after_edit.recorded_from,
                    sighting.first_seen_at AS feed_since,
                    change.field,
                    change.field_number,
                    side.is_arrival,
                    hashtextextended(side.shown_text, 0) AS text_hash
                FROM core.article_revision AS after_edit
                INNER JOIN core.article_revision AS before_edit
                    ON after_edit.replaces_revision_key = before_edit.revision_key
                LEFT JOIN core.fact_sighting AS sighting
                    ON
                        after_edit.article_key = sighting.article_key
                        AND after_edit.feed_key = sighting.feed_key
                INNER JOIN
                    LATERAL (
                        VALUES
                        (1, 'title', before_edit.title, after_edit.title),
                        (2, 'summary', before_edit.summary, after_edit.summary),
                        (3, 'body', before_edit.body, after_edit.body)
                    ) AS change (field_number, field, text_before, text_after)
                    ON change.text_before IS DISTINCT FROM change.text_after
                INNER JOIN LATERAL (
                    VALUES (FALSE, change.text_before), (TRUE, change.text_after)
                ) AS side (is_arrival, shown_text) ON TRUE
                WHERE after_edit.kind = 'revised' AND after_edit.loaded_at <= known_at
            ) AS moved
        ) AS numbered
        WHERE numbered.is_arrival
    ) AS brought
    GROUP BY brought.article_key, brought.revision_key, brought.feed_key, brought.recorded_from;
END;
