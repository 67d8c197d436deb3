-- Where in the archive the document lies from which a revision was read.
SELECT attempt.archive_file, attempt.archive_offset, attempt.encoding
FROM core.article_revision AS revision
INNER JOIN ops.fetch AS attempt ON attempt.batch_id = revision.batch_id
    AND attempt.feed_key = revision.feed_key AND attempt.started_at = revision.recorded_from
WHERE revision.revision_key = :key AND attempt.archive_file IS NOT NULL
    AND attempt.archive_offset IS NOT NULL
