-- The statements of `article.py`, by name.

-- name: article
-- An article with its current text. `article_url` falls back to the link that the first feed shows.
SELECT
    article.*,
    outlet.outlet,
    coalesce(article.canonical_url, sighting.link) AS article_url,
    revision.title,
    revision.summary,
    revision.body,
    revision.authors
FROM core.fact_article AS article
INNER JOIN core.article_revision AS revision ON article.current_revision_key = revision.revision_key
INNER JOIN core.dim_outlet AS outlet ON article.outlet_key = outlet.outlet_key
LEFT JOIN core.fact_sighting AS sighting
    ON
        article.article_key = sighting.article_key
        AND article.first_feed_key = sighting.feed_key
WHERE article.article_key = :key;

-- name: why
-- Why a revision is on its topics: a row per span of evidence and per factor (field is NULL).
SELECT
    topic,
    score,
    scope,
    ruleset,
    field,
    matched_text,
    start_offset,
    end_offset,
    rule,
    weight
FROM mart.why_matched
WHERE revision_key = :revision
ORDER BY topic ASC, weight DESC, field ASC, start_offset ASC;

-- name: edits
-- The newest 50 edits of an article.
SELECT * FROM mart.article_edits
WHERE article_key = :key
ORDER BY edited_at DESC, revision_key DESC LIMIT 50;

-- name: edit_feeds
-- The feeds that showed an edit of an article after the first one had.
SELECT
    edit_key,
    edited_at,
    outlet,
    feed_url
FROM mart.article_edits_by_feed
WHERE article_key = :key AND NOT is_first
ORDER BY edited_at, feed_url;

-- name: sightings
-- The feeds that carry an article, the first to show it on top.
SELECT
    outlet.outlet,
    feed.feed_url,
    sighting.link,
    sighting.guid,
    sighting.first_seen_at,
    sighting.left_at,
    sighting.return_count
FROM core.fact_sighting AS sighting
INNER JOIN core.dim_feed AS feed ON sighting.feed_key = feed.feed_key AND feed.is_current
INNER JOIN core.dim_outlet AS outlet ON feed.outlet_key = outlet.outlet_key
WHERE sighting.article_key = :key
ORDER BY sighting.first_seen_at, sighting.feed_key;

-- name: sources
-- The revisions of an article with their fetch: place in the archive, and task in Airflow.
SELECT
    revision.revision_key,
    revision.kind,
    revision.recorded_from,
    revision.loaded_at,
    outlet.outlet,
    revision.batch_id,
    attempt.archive_file,
    attempt.archive_offset,
    attempt.dag_id,
    attempt.run_id,
    attempt.task_id,
    attempt.map_index
FROM core.article_revision AS revision
INNER JOIN core.dim_feed AS feed ON revision.feed_key = feed.feed_key AND feed.is_current
INNER JOIN core.dim_outlet AS outlet ON feed.outlet_key = outlet.outlet_key
LEFT JOIN ops."fetch" AS attempt
    ON
        revision.batch_id = attempt.batch_id
        AND revision.feed_key = attempt.feed_key
        AND revision.recorded_from = attempt.started_at
WHERE revision.article_key = :key
ORDER BY revision.recorded_from, revision.revision_key;

-- name: place
-- Where in the archive the document lies from which a revision was read.
SELECT
    attempt.archive_file,
    attempt.archive_offset,
    attempt.encoding
FROM core.article_revision AS revision
INNER JOIN ops."fetch" AS attempt
    ON
        revision.batch_id = attempt.batch_id
        AND revision.feed_key = attempt.feed_key AND revision.recorded_from = attempt.started_at
WHERE
    revision.revision_key = :key AND attempt.archive_file IS NOT NULL
    AND attempt.archive_offset IS NOT NULL;
