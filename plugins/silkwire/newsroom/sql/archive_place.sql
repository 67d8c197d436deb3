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
    AND attempt.archive_offset IS NOT NULL
