-- mart.articles that pass every filter; a filter that is `any` passes all. A language without a
--   region passes its regions, too (zh: zh-Hans). A feed or tag passes articles that such a feed
--   has shown.
CREATE FUNCTION mart.filtered_articles(
    only_topic text, only_outlet text, only_language text, only_feed text, only_tag text,
    only_scope text
)
RETURNS SETOF mart.articles
LANGUAGE sql STABLE PARALLEL SAFE
BEGIN ATOMIC
    -- noqa: disable=RF02,RF03,AM04
    -- PostgreSQL inlines this one SELECT, and drops the conditions of filters that are `any`.
    SELECT article.*
    FROM mart.articles AS article
    WHERE
        (only_topic = 'any' OR article.topics @> ARRAY[only_topic])
        AND (only_scope = 'any' OR article.scopes @> ARRAY[only_scope])
        AND (only_outlet = 'any' OR article.outlet = only_outlet)
        AND (
            only_language = 'any'
            OR article.language = only_language
            OR starts_with(article.language, only_language || '-')
        )
        AND (
            (only_feed = 'any' AND only_tag = 'any')
            OR EXISTS (
                SELECT 1
                FROM core.fact_sighting AS sighting
                INNER JOIN ops.feed AS feed ON sighting.feed_key = feed.feed_key
                WHERE
                    sighting.article_key = article.article_key
                    AND only_feed IN ('any', feed.feed_url)
                    AND (only_tag = 'any' OR only_tag = any(feed.tags))
            )
        );
END;
