-- mart.articles as of an instant: only what was loaded by then counts.
CREATE FUNCTION mart.articles_as_of(known_at timestamptz)
RETURNS TABLE (
    article_key bigint,
    first_seen_at timestamptz,
    published_at timestamptz,
    outlet text,
    title text,
    summary text,
    topics text[],
    scopes text[],
    score real,
    language text,
    article_url text,
    published_url text,
    feed_count integer,
    edit_count integer,
    last_edited_at timestamptz,
    published_precision text,
    published_raw text,
    authors text[],
    image_url text,
    loaded_at timestamptz,
    is_origin boolean,
    origin_article_key bigint,
    origin_url text,
    copy_count integer,
    is_backlog boolean
)
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    -- noqa: disable=RF02,RF03,ST05
    -- mart.articles selects from this function. PostgreSQL inlines its one SELECT there, and can
    -- then take the newest 50 articles by index; a WITH clause would prevent that.
    SELECT
        article.article_key,
        article.first_seen_at,
        article.published_at,
        outlet.outlet,
        revision.title,
        revision.summary,
        matched.topics,
        matched.scopes,
        matched.score,
        article.language,
        coalesce(article.canonical_url, sighting.link) AS article_url,
        sighting.link AS published_url,
        coalesce(carried.feed_count, 0) AS feed_count,
        CASE WHEN shown.edit_count > 1 THEN edited.edit_count ELSE shown.edit_count END
            AS edit_count,
        CASE WHEN shown.edit_count > 1 THEN edited.last_edited_at ELSE shown.last_edited_at END
            AS last_edited_at,
        article.published_precision,
        article.published_raw,
        revision.authors,
        article.image_url,
        article.loaded_at,
        copy.article_key IS NULL AS is_origin,
        coalesce(copy.origin_article_key, article.article_key) AS origin_article_key,
        coalesce(origin.canonical_url, article.canonical_url, sighting.link) AS origin_url,
        copies.copy_count,
        mart.is_backlog(
            article.first_seen_at,
            article.published_at,
            article.published_precision,
            first_feed.first_document_at
        ) AS is_backlog
    FROM core.fact_article AS article
    CROSS JOIN (
        -- The rulesets adopted by then, by their latest adoption: the last that matched a text
        -- decides on it.
        SELECT
            array_agg(ruleset.ruleset_key ORDER BY ruleset.adopted_at, ruleset.ruleset_key)
                AS in_order
        FROM (
            SELECT
                every_ruleset.ruleset_key,
                max(adoption.at) AS adopted_at
            FROM core.dim_ruleset AS every_ruleset
            CROSS JOIN LATERAL unnest(every_ruleset.adoptions) AS adoption (at)
            WHERE adoption.at <= known_at
            GROUP BY every_ruleset.ruleset_key
        ) AS ruleset
    ) AS adopted
    INNER JOIN core.dim_outlet AS outlet ON article.outlet_key = outlet.outlet_key
    LEFT JOIN ops.feed AS first_feed ON article.first_feed_key = first_feed.feed_key
    INNER JOIN core.article_revision AS revision
        ON
            -- The current text if it was loaded by then, else the newest that was.
            revision.revision_key = coalesce(
                (
                    SELECT current_text.revision_key
                    FROM core.article_revision AS current_text
                    WHERE
                        current_text.revision_key = article.current_revision_key
                        AND current_text.loaded_at <= known_at
                ),
                (
                    SELECT newest.revision_key
                    FROM core.article_revision AS newest
                    WHERE
                        newest.article_key = article.article_key
                        AND newest.loaded_at <= known_at
                        -- Of the feed which had the article first; if none of its texts was loaded
                        -- by then (its batch was released late), of the earliest feed.
                        AND newest.feed_key = (
                            SELECT earliest.feed_key
                            FROM core.article_revision AS earliest
                            WHERE
                                earliest.article_key = article.article_key
                                AND earliest.loaded_at <= known_at
                            ORDER BY
                                earliest.feed_key = article.first_feed_key DESC,
                                earliest.recorded_from ASC,
                                earliest.feed_key ASC
                            LIMIT 1
                        )
                    ORDER BY newest.revision_number DESC
                    LIMIT 1
                )
            )
    INNER JOIN LATERAL (
        SELECT
            array_agg(DISTINCT topic.topic ORDER BY topic.topic) AS topics,
            array_agg(DISTINCT decision.scope ORDER BY decision.scope)
            FILTER (WHERE decision.scope IS NOT NULL) AS scopes,
            max(decision.score) AS score
        FROM core.article_revision AS every_revision
        INNER JOIN core.fact_topic_match AS decision
            ON every_revision.revision_key = decision.revision_key
        INNER JOIN core.dim_topic AS topic ON decision.topic_key = topic.topic_key
        WHERE
            every_revision.article_key = article.article_key
            AND decision.is_match
            AND decision.loaded_at <= known_at
            AND decision.ruleset_key = any(adopted.in_order)
            AND NOT EXISTS (
                SELECT 1
                FROM core.fact_topic_match AS newer
                WHERE
                    newer.revision_key = decision.revision_key
                    AND newer.topic_key = decision.topic_key
                    AND newer.loaded_at <= known_at
                    AND array_position(adopted.in_order, newer.ruleset_key)
                    > array_position(adopted.in_order, decision.ruleset_key)
            )
    ) AS matched ON matched.topics IS NOT NULL
    LEFT JOIN core.fact_sighting AS sighting
        ON
            article.article_key = sighting.article_key
            AND article.first_feed_key = sighting.feed_key
    LEFT JOIN LATERAL (
        SELECT count(*)::integer AS feed_count
        FROM core.fact_sighting AS every_sighting
        WHERE
            every_sighting.article_key = article.article_key
            AND every_sighting.loaded_at <= known_at
    ) AS carried ON TRUE
    LEFT JOIN LATERAL (
        SELECT
            count(*)::integer AS edit_count,
            max(revised.recorded_from) AS last_edited_at
        FROM core.article_revision AS revised
        WHERE
            revised.article_key = article.article_key
            AND revised.kind = 'revised'
            AND revised.loaded_at <= known_at
    ) AS shown ON TRUE
    LEFT JOIN LATERAL (
        -- The first one is an edit in any case; only several have to be compared.
        SELECT
            count(*)::integer AS edit_count,
            max(edit.edited_at) AS last_edited_at
        FROM mart.edits_as_of(known_at) AS edit
        WHERE
            edit.article_key = article.article_key
            AND edit.edit_key = edit.revision_key
            AND shown.edit_count > 1
    ) AS edited ON TRUE
    LEFT JOIN core.article_copy AS copy
        ON
            article.article_key = copy.article_key
            AND copy.linked_at <= known_at
            AND coalesce(copy.replaced_at > known_at, TRUE)
    LEFT JOIN core.fact_article AS origin ON copy.origin_article_key = origin.article_key
    LEFT JOIN LATERAL (
        SELECT count(*)::integer AS copy_count
        FROM core.article_copy AS every_copy
        WHERE
            every_copy.origin_article_key
            = coalesce(copy.origin_article_key, article.article_key)
            AND every_copy.linked_at <= known_at
            AND coalesce(every_copy.replaced_at > known_at, TRUE)
    ) AS copies ON TRUE
    WHERE article.loaded_at <= known_at;
END;
