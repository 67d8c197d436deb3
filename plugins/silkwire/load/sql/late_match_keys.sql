-- Rows that core has already keep their key, loaded_at and batch (which may be the batch that
-- released a record of this document). A text that moved keeps only key and loaded_at.
CREATE TEMPORARY TABLE article_name ON COMMIT DROP AS
SELECT
    redone.article_key AS redone_key,
    known.article_key,
    known.loaded_at,
    CASE
        WHEN
            (redone.first_feed_key, redone.first_seen_at)
            = (known.first_feed_key, known.first_seen_at)
            THEN known.batch_id
        ELSE redone.batch_id
    END AS batch_id
FROM pg_temp.fact_article AS redone
INNER JOIN late_article AS known ON redone.identity_hash = known.identity_hash;

UPDATE pg_temp.fact_article
SET article_key = name.article_key, loaded_at = name.loaded_at, batch_id = name.batch_id
FROM article_name AS name
WHERE fact_article.article_key = name.redone_key;

UPDATE pg_temp.article_revision
SET article_key = name.article_key
FROM article_name AS name
WHERE article_revision.article_key = name.redone_key;

UPDATE pg_temp.fact_sighting
SET article_key = name.article_key
FROM article_name AS name
WHERE fact_sighting.article_key = name.redone_key;

UPDATE pg_temp.fact_sighting
SET
    loaded_at = known.loaded_at,
    batch_id = CASE
        WHEN fact_sighting.first_seen_at = known.first_seen_at THEN known.batch_id
        ELSE fact_sighting.batch_id
    END
FROM core.fact_sighting AS known
WHERE fact_sighting.article_key = known.article_key AND fact_sighting.feed_key = known.feed_key;

CREATE TEMPORARY TABLE revision_name ON COMMIT DROP AS
SELECT
    redone.revision_key AS redone_key,
    known.revision_key,
    known.loaded_at,
    known.batch_id,
    FALSE AS is_moved
FROM pg_temp.article_revision AS redone
INNER JOIN late_revision AS known
    ON
        redone.article_key = known.article_key
        AND redone.feed_key = known.feed_key
        AND redone.recorded_from = known.recorded_from
        AND redone.text_hash = known.text_hash;

INSERT INTO revision_name (redone_key, revision_key, loaded_at, batch_id, is_moved)
SELECT
    redone.revision_key,
    known.revision_key,
    known.loaded_at,
    redone.batch_id,
    TRUE
FROM (
    SELECT
        revision.*,
        row_number() OVER (
            PARTITION BY revision.article_key, revision.text_hash
            ORDER BY revision.recorded_from, revision.feed_key
        ) AS turn
    FROM pg_temp.article_revision AS revision
    WHERE revision.revision_key NOT IN (SELECT name.redone_key FROM revision_name AS name)
) AS redone
INNER JOIN (
    SELECT
        revision.*,
        row_number() OVER (
            PARTITION BY revision.article_key, revision.text_hash
            ORDER BY revision.recorded_from, revision.feed_key
        ) AS turn
    FROM late_revision AS revision
    WHERE revision.revision_key NOT IN (SELECT name.revision_key FROM revision_name AS name)
) AS known
    ON
        redone.article_key = known.article_key
        AND redone.text_hash = known.text_hash
        AND redone.turn = known.turn;

UPDATE pg_temp.article_revision
SET revision_key = name.revision_key, loaded_at = name.loaded_at, batch_id = name.batch_id
FROM revision_name AS name
WHERE article_revision.revision_key = name.redone_key;

UPDATE pg_temp.article_revision
SET replaces_revision_key = name.revision_key
FROM revision_name AS name
WHERE article_revision.replaces_revision_key = name.redone_key;

UPDATE pg_temp.fact_article
SET current_revision_key = name.revision_key
FROM revision_name AS name
WHERE fact_article.current_revision_key = name.redone_key;

UPDATE pg_temp.fact_sighting
SET revision_key = name.revision_key
FROM revision_name AS name
WHERE fact_sighting.revision_key = name.redone_key;

UPDATE pg_temp.fact_topic_match
SET revision_key = name.revision_key
FROM revision_name AS name
WHERE fact_topic_match.revision_key = name.redone_key;

CREATE TEMPORARY TABLE match_name ON COMMIT DROP AS
SELECT
    redone.match_key AS redone_key,
    known.match_key,
    known.loaded_at
FROM pg_temp.fact_topic_match AS redone
INNER JOIN core.fact_topic_match AS known
    ON
        redone.revision_key = known.revision_key
        AND redone.topic_key = known.topic_key
        AND redone.ruleset_key = known.ruleset_key;

UPDATE pg_temp.fact_topic_match
SET match_key = name.match_key, loaded_at = name.loaded_at
FROM match_name AS name
WHERE fact_topic_match.match_key = name.redone_key;

UPDATE pg_temp.topic_evidence
SET match_key = name.match_key
FROM match_name AS name
WHERE topic_evidence.match_key = name.redone_key;

-- Articles whose first text has changed or is gone, and the articles that carry the same text.
CREATE TEMPORARY TABLE late_moved ON COMMIT DROP AS
SELECT coalesce(redone.article_key, known.article_key) AS article_key
FROM pg_temp.fact_article AS redone
FULL OUTER JOIN late_article AS known ON redone.article_key = known.article_key
WHERE
    (redone.first_feed_key, redone.first_seen_at, redone.outlet_key)
    IS DISTINCT FROM (known.first_feed_key, known.first_seen_at, known.outlet_key);

INSERT INTO late_moved (article_key)
SELECT DISTINCT member.article_key
FROM (
    SELECT coalesce(copy.origin_article_key, moved.article_key) AS article_key
    FROM late_moved AS moved
    LEFT JOIN core.article_copy AS copy
        ON moved.article_key = copy.article_key AND copy.replaced_at IS NULL
) AS origin
CROSS JOIN LATERAL (
    SELECT origin.article_key
    UNION ALL
    SELECT copy.article_key
    FROM core.article_copy AS copy
    WHERE copy.origin_article_key = origin.article_key AND copy.replaced_at IS NULL
) AS member;
