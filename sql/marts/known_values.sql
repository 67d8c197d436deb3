-- One row per value that a filter of the queries takes: topics, outlets, languages, feeds, tags,
-- scopes.
-- column kind: topic, outlet, language, feed, tag or scope
-- column value: the value as articles have it; a feed by its url as listed
CREATE VIEW mart.known_values AS
SELECT
    'topic' AS kind,
    topic.topic AS value
FROM core.dim_topic AS topic
UNION ALL
(
    SELECT
        'outlet' AS kind,
        outlet.outlet AS value
    FROM core.dim_outlet AS outlet
    UNION
    SELECT
        'outlet' AS kind,
        feed.outlet AS value
    FROM ops.feed AS feed
    WHERE feed.outlet IS NOT NULL
)
UNION ALL
(
    -- zh stands for zh-Hans, too
    SELECT
        'language' AS kind,
        article.language AS value
    FROM core.fact_article AS article
    WHERE article.language IS NOT NULL
    UNION
    SELECT
        'language' AS kind,
        split_part(article.language, '-', 1) AS value
    FROM core.fact_article AS article
    WHERE article.language IS NOT NULL
    UNION
    SELECT
        'language' AS kind,
        split_part(entry.language, '-', 1) AS value
    FROM ops.off_topic AS entry
    WHERE entry.language IS NOT NULL
    UNION
    SELECT
        'language' AS kind,
        entry.language AS value
    FROM ops.off_topic AS entry
    WHERE entry.language IS NOT NULL
)
UNION ALL
SELECT
    'feed' AS kind,
    feed.feed_url AS value
FROM ops.feed AS feed
UNION ALL
(
    SELECT DISTINCT
        'tag' AS kind,
        tag.tag AS value
    FROM ops.feed AS feed
    CROSS JOIN LATERAL unnest(feed.tags) AS tag (tag)
)
UNION ALL
SELECT
    'scope' AS kind,
    scope.scope AS value
FROM unnest(ARRAY['crossstrait', 'domestic', 'hkmo', 'inbound', 'outbound']) AS scope (scope);
