-- The statements of `articles.py`, by name.

-- name: unmatched
SELECT
    count(*) AS amount,
    coalesce(min(revision.revision_key), 0) AS first_key
FROM core.article_revision AS revision
INNER JOIN ops.feed ON revision.feed_key = feed.feed_key
WHERE
    (cast(:since AS timestamptz) IS NULL OR revision.recorded_from >= :since)
    AND (cast(:until AS timestamptz) IS NULL OR revision.recorded_from < :until)
    AND (cast(:feed_urls AS text[]) IS NULL OR feed.feed_url = any(:feed_urls))
    AND
    (
        SELECT count(*) FROM core.fact_topic_match AS known
        WHERE known.revision_key = revision.revision_key AND known.ruleset_key = :ruleset
    ) = 0;

-- name: keys
-- Matched ones too: a chunk of unmatched ones alone would read past all that are matched.
SELECT revision.revision_key
FROM core.article_revision AS revision
INNER JOIN ops.feed ON revision.feed_key = feed.feed_key
WHERE
    revision.revision_key >= :first
    AND (cast(:since AS timestamptz) IS NULL OR revision.recorded_from >= :since)
    AND (cast(:until AS timestamptz) IS NULL OR revision.recorded_from < :until)
    AND (cast(:feed_urls AS text[]) IS NULL OR feed.feed_url = any(:feed_urls))

ORDER BY revision.revision_key LIMIT :limit;

-- name: next_key
SELECT coalesce(max(revision_key), 0) + 1 FROM core.article_revision;

-- name: texts
-- A feed's dedicated topics are not part of a ruleset: those of the time of loading stay.
SELECT
    revision.revision_key,
    revision.title,
    revision.summary,
    article.language,
    CASE WHEN coalesce(revision.summary, '') = '' THEN left(revision.body, :opening) END AS opening,
    array(
        SELECT DISTINCT topic.topic FROM core.fact_topic_match AS known
        INNER JOIN core.dim_topic AS topic ON known.topic_key = topic.topic_key
        WHERE
            known.revision_key = revision.revision_key
            AND known.factors
            @> jsonb_build_array(jsonb_build_object('name', cast(:factor AS text)))
    ) AS dedicated
FROM core.article_revision AS revision
INNER JOIN core.fact_article AS article ON revision.article_key = article.article_key
WHERE
    revision.revision_key = any(:keys)
    AND (
        SELECT count(*) FROM core.fact_topic_match AS known
        WHERE known.revision_key = revision.revision_key AND known.ruleset_key = :ruleset
    ) = 0;
