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
ORDER BY revision.recorded_from, revision.revision_key
