-- Copies of the articles in `late_name` in their state just before `from_at`. Documents of that
-- instant and later are loaded into the copies again, by the ordinary statements.
CREATE TEMPORARY TABLE late_article ON COMMIT DROP AS
SELECT article.*
FROM core.fact_article AS article
INNER JOIN late_name ON article.identity_hash = late_name.identity_hash;

CREATE TEMPORARY TABLE late_revision ON COMMIT DROP AS
SELECT revision.*
FROM core.article_revision AS revision
INNER JOIN late_article ON revision.article_key = late_article.article_key;

CREATE INDEX ON late_article (article_key);
CREATE INDEX ON late_revision (article_key, feed_key);
CREATE INDEX ON late_revision (revision_key);
ANALYZE late_article, late_revision;

CREATE TEMPORARY TABLE article_revision (LIKE core.article_revision) ON COMMIT DROP;
CREATE TEMPORARY TABLE fact_article (LIKE core.fact_article) ON COMMIT DROP;
CREATE TEMPORARY TABLE fact_sighting (LIKE core.fact_sighting INCLUDING DEFAULTS) ON COMMIT DROP;
CREATE TEMPORARY TABLE fact_topic_match (LIKE core.fact_topic_match) ON COMMIT DROP;
CREATE TEMPORARY TABLE topic_evidence (LIKE core.topic_evidence) ON COMMIT DROP;
CREATE TEMPORARY TABLE dim_feed (
    feed_key bigint, outlet_key bigint, is_current boolean
) ON COMMIT DROP;
CREATE TEMPORARY TABLE quarantine (
    feed_key bigint, fingerprint bytea, status text
) ON COMMIT DROP;

INSERT INTO pg_temp.article_revision
SELECT revision.*
FROM late_revision AS revision
WHERE revision.recorded_from < :from_at;

INSERT INTO pg_temp.fact_article
SELECT article.*
FROM late_article AS article
WHERE article.first_seen_at < :from_at;

UPDATE pg_temp.fact_article
SET
    current_revision_key = (
        SELECT revision.revision_key
        FROM pg_temp.article_revision AS revision
        WHERE
            revision.article_key = fact_article.article_key
            AND revision.feed_key = fact_article.first_feed_key
        ORDER BY revision.revision_number DESC
        LIMIT 1
    );

INSERT INTO pg_temp.fact_sighting
SELECT sighting.*
FROM core.fact_sighting AS sighting
INNER JOIN late_article AS article ON sighting.article_key = article.article_key
WHERE sighting.first_seen_at < :from_at;

-- The text that the feed showed last: its newest earlier text, else the one that its next revision
-- replaced.
UPDATE pg_temp.fact_sighting
SET
    revision_key = shown.revision_key,
    text_hash = shown.text_hash
FROM pg_temp.article_revision AS shown
WHERE shown.revision_key = coalesce(
    (
        SELECT revision.revision_key
        FROM late_revision AS revision
        WHERE
            revision.article_key = fact_sighting.article_key
            AND revision.feed_key = fact_sighting.feed_key
            AND revision.recorded_from < :from_at
        ORDER BY revision.revision_number DESC
        LIMIT 1
    ),
    (
        SELECT revision.replaces_revision_key
        FROM late_revision AS revision
        WHERE
            revision.article_key = fact_sighting.article_key
            AND revision.feed_key = fact_sighting.feed_key
            AND revision.revision_number = 1
    ),
    fact_sighting.revision_key
);

UPDATE pg_temp.fact_sighting
SET
    left_at = coalesce(
        (
            SELECT lower(absence)
            FROM unnest(fact_sighting.absent_during) AS absence
            WHERE lower(absence) < :from_at AND upper(absence) >= :from_at
        ),
        CASE WHEN fact_sighting.left_at < :from_at THEN fact_sighting.left_at END
    ),
    return_count = fact_sighting.return_count - (
        SELECT count(*)
        FROM unnest(fact_sighting.absent_during) AS absence
        WHERE upper(absence) >= :from_at
    ),
    absent_during = coalesce(
        (
            SELECT range_agg(absence)
            FROM unnest(fact_sighting.absent_during) AS absence
            WHERE upper(absence) < :from_at
        ),
        '{}'
    );

CREATE INDEX ON pg_temp.fact_article (identity_hash);
CREATE INDEX ON pg_temp.fact_article (article_key);
CREATE INDEX ON pg_temp.article_revision (article_key, feed_key);
CREATE INDEX ON pg_temp.article_revision (revision_key);
CREATE INDEX ON pg_temp.fact_sighting (article_key, feed_key);
CREATE INDEX ON pg_temp.fact_sighting (feed_key);
ANALYZE pg_temp.fact_article, pg_temp.article_revision, pg_temp.fact_sighting;

-- The late batch's own counts and off-topic entries, and the entries of later batches that are no
-- longer off topic.
CREATE TEMPORARY TABLE late_counted (
    feed_key bigint,
    fetched_at timestamptz,
    fetched_count integer,
    inserted_count integer,
    revised_count integer,
    variant_count integer,
    unchanged_count integer,
    off_topic_count integer,
    quarantined_count integer
) ON COMMIT DROP;

CREATE TEMPORARY TABLE late_off_topic (
    feed_key bigint,
    identity_hash bytea,
    fetched_at timestamptz
) ON COMMIT DROP;

CREATE TEMPORARY TABLE late_on_topic (
    batch_id text,
    feed_key bigint,
    identity_hash bytea,
    entry_count integer
) ON COMMIT DROP;
