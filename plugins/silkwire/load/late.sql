-- The statements of `late.py`, by name; those that a load shares are in the folder `sql`.

-- name: existing
SELECT encode(identity_hash, 'hex') FROM core.fact_article
WHERE encode(identity_hash, 'hex') = any(:names);

-- name: shown
-- An article that is missing in a document of this batch left the feed at that time.
SELECT DISTINCT encode(article.identity_hash, 'hex')
FROM core.fact_sighting AS sighting
INNER JOIN core.fact_article AS article ON sighting.article_key = article.article_key
INNER JOIN
    unnest(cast(:feed_keys AS bigint[]), cast(:times AS timestamptz[]))
        AS document (feed_key, fetched_at)
    ON sighting.feed_key = document.feed_key
WHERE
    sighting.first_seen_at < document.fetched_at
    AND (sighting.left_at IS NULL OR sighting.left_at > document.fetched_at);

-- name: lost
-- The files of the batch that quarantined a record are used to load a released record again, unless
-- a retry has read it differently since.
SELECT count(*) FROM late_revision AS known
INNER JOIN ops.batch ON known.batch_id = batch.batch_id
WHERE
    batch.trigger IN ('review', 'retry', 'adopt')
    AND known.revision_key NOT IN (SELECT name.revision_key FROM revision_name AS name);

-- name: name
CREATE TEMPORARY TABLE late_name ON COMMIT DROP AS
SELECT decode(name, 'hex') AS identity_hash FROM unnest(cast(:names AS text[])) AS name;

-- name: moved
SELECT article_key FROM late_moved
ORDER BY article_key;

-- name: drop
DROP TABLE
stage_document,
stage_entry,
stage_reason,
decided,
counted,
new_article,
placed,
staged_off_topic;
