-- Write the accepted entries into core. Every statement takes the whole batch.
INSERT INTO core.dim_ruleset (version, first_used_at)
VALUES (:ruleset, :now)
ON CONFLICT (version) DO NOTHING;

-- A batch that matched no text knows no thresholds.
UPDATE core.dim_ruleset AS ruleset
SET thresholds = batch.step_reports -> 'match' -> 'thresholds'
FROM ops.batch AS batch
WHERE
    batch.batch_id = :batch_id
    AND ruleset.version = :ruleset
    AND ruleset.thresholds IS NULL
    AND batch.step_reports -> 'match' -> 'thresholds' <> '{}';

-- The rules that a batch is loaded with are in force from its start, unless they were in force
-- then. So a late release or a replay does not put old rules in force again.
UPDATE core.dim_ruleset AS ruleset
SET
    adoptions = (
        SELECT array_agg(adoption.at ORDER BY adoption.at)
        FROM unnest(ruleset.adoptions || batch.started_at) AS adoption (at)
    )
FROM ops.batch AS batch
WHERE
    batch.batch_id = :batch_id
    AND ruleset.version = :ruleset
    AND batch.started_at <> all(ruleset.adoptions)
    AND ruleset.ruleset_key IS DISTINCT FROM (
        SELECT other.ruleset_key
        FROM core.dim_ruleset AS other
        CROSS JOIN LATERAL unnest(other.adoptions) AS adoption (at)
        WHERE adoption.at <= batch.started_at
        ORDER BY adoption.at DESC, other.ruleset_key DESC
        LIMIT 1
    );

-- What a feed shows in its first document, or published before it, is backlog. A batch that is
-- released late can bring an earlier one.
UPDATE ops.feed
SET first_document_at = document.fetched_at
FROM stage_document AS document
WHERE
    feed.feed_key = document.feed_key
    AND coalesce(feed.first_document_at > document.fetched_at, TRUE);

-- Assign the keys here, in the order of the turns, so that later statements need no search.
CREATE TEMPORARY TABLE new_article ON COMMIT DROP AS
SELECT
    ordered.identity_hash,
    nextval('core.fact_article_article_key_seq') AS article_key
FROM (
    SELECT decided.identity_hash
    FROM decided
    WHERE decided.outcome = 'inserted'
    ORDER BY decided.turn
) AS ordered;

ANALYZE new_article;

-- Every entry with its article, whichever feed showed it first, and accepted ones with their
-- revision.
CREATE TEMPORARY TABLE placed ON COMMIT DROP AS
SELECT
    ordered.*,
    CASE
        WHEN ordered.outcome IN ('inserted', 'revised', 'variant')
            THEN nextval('core.article_revision_revision_key_seq')
    END AS revision_key
FROM (
    SELECT
        decided.entry_number,
        decided.feed_key,
        decided.fetched_at,
        decided.outcome,
        decided.shown_revision_key,
        coalesce(decided.article_key, new_article.article_key) AS article_key
    FROM decided
    LEFT JOIN new_article
        ON decided.identity_hash = new_article.identity_hash AND decided.outcome <> 'off_topic'
    ORDER BY decided.turn
) AS ordered;

ALTER TABLE placed ADD PRIMARY KEY (entry_number);
CREATE INDEX ON placed (article_key, feed_key);
ANALYZE placed;

INSERT INTO core.fact_article (
    article_key, identity_kind, identity_hash, canonical_url, first_feed_key, outlet_key,
    current_revision_key, first_seen_at,
    published_at, published_precision, published_source, published_raw,
    language, language_confidence, image_url, batch_id, loaded_at
) OVERRIDING SYSTEM VALUE
SELECT
    placed.article_key,
    entry.identity_kind,
    entry.identity_hash,
    entry.canonical_url,
    entry.feed_key,
    feed.outlet_key,
    placed.revision_key,
    entry.fetched_at,
    entry.published_at,
    entry.published_precision,
    entry.published_source,
    entry.published_raw,
    entry.language,
    entry.language_confidence,
    entry.image_url,
    :batch_id,
    :now
FROM stage_entry AS entry
INNER JOIN placed ON entry.entry_number = placed.entry_number
INNER JOIN core.dim_feed AS feed ON entry.feed_key = feed.feed_key AND feed.is_current
WHERE placed.outcome = 'inserted';

INSERT INTO core.article_revision (
    revision_key, article_key, feed_key, revision_number, kind, replaces_revision_key,
    title, summary, body, summary_html, body_html, authors, categories,
    text_hash, changed, problems, recorded_from, loaded_at, batch_id
) OVERRIDING SYSTEM VALUE
SELECT
    placed.revision_key,
    placed.article_key,
    placed.feed_key,
    coalesce(latest.revision_number, 0) + 1,
    placed.outcome,
    CASE WHEN placed.outcome = 'revised' THEN placed.shown_revision_key END,
    entry.title,
    entry.summary,
    entry.body,
    entry.summary_html,
    entry.body_html,
    entry.authors,
    entry.categories,
    entry.text_hash,
    CASE
        WHEN placed.outcome = 'revised'
            THEN
                array_remove(
                    ARRAY[
                        CASE WHEN shown.title IS DISTINCT FROM entry.title THEN 'title' END,
                        CASE WHEN shown.summary IS DISTINCT FROM entry.summary THEN 'summary' END,
                        CASE WHEN shown.body IS DISTINCT FROM entry.body THEN 'body' END
                    ],
                    NULL
                )
        ELSE '{}'
    END,
    entry.problems,
    entry.fetched_at,
    :now,
    :batch_id
FROM stage_entry AS entry
INNER JOIN placed ON entry.entry_number = placed.entry_number
LEFT JOIN core.article_revision AS shown ON placed.shown_revision_key = shown.revision_key
LEFT JOIN LATERAL (
    SELECT max(revision.revision_number) AS revision_number
    FROM core.article_revision AS revision
    WHERE
        placed.outcome <> 'inserted'
        AND revision.article_key = placed.article_key
        AND revision.feed_key = placed.feed_key
) AS latest ON TRUE
WHERE placed.revision_key IS NOT NULL;

UPDATE core.fact_article
SET current_revision_key = placed.revision_key
FROM placed
WHERE
    placed.outcome = 'revised'
    AND fact_article.article_key = placed.article_key
    AND fact_article.first_feed_key = placed.feed_key;

-- Sightings: what each feed shows now. Rows that do not change are not rewritten.
UPDATE core.fact_sighting
SET
    text_hash = entry.text_hash,
    revision_key = placed.revision_key
FROM placed
INNER JOIN stage_entry AS entry ON placed.entry_number = entry.entry_number
WHERE
    placed.outcome = 'revised'
    AND fact_sighting.article_key = placed.article_key
    AND fact_sighting.feed_key = placed.feed_key;

INSERT INTO core.fact_sighting (
    article_key, feed_key, guid, link, position, text_hash, revision_key, first_seen_at, loaded_at,
    batch_id
)
SELECT
    placed.article_key,
    placed.feed_key,
    entry.guid,
    entry.link,
    entry.position,
    entry.text_hash,
    placed.revision_key,
    entry.fetched_at,
    :now,
    :batch_id
FROM stage_entry AS entry
INNER JOIN placed ON entry.entry_number = placed.entry_number
WHERE placed.outcome IN ('inserted', 'variant');

-- The feed shows a text that is stored for another feed: the first carrier's, if that showed it.
INSERT INTO core.fact_sighting (
    article_key, feed_key, guid, link, position, text_hash, revision_key, first_seen_at, loaded_at,
    batch_id
)
SELECT
    placed.article_key,
    placed.feed_key,
    entry.guid,
    entry.link,
    entry.position,
    entry.text_hash,
    shown.revision_key,
    entry.fetched_at,
    :now,
    :batch_id
FROM stage_entry AS entry
INNER JOIN placed ON entry.entry_number = placed.entry_number
INNER JOIN core.fact_article AS article ON placed.article_key = article.article_key
INNER JOIN LATERAL (
    SELECT revision.revision_key
    FROM core.article_revision AS revision
    WHERE
        revision.article_key = placed.article_key
        AND revision.text_hash = entry.text_hash
    ORDER BY
        revision.feed_key = placed.feed_key DESC,
        revision.feed_key = article.first_feed_key DESC,
        revision.recorded_from DESC,
        revision.revision_key DESC
    LIMIT 1
) AS shown ON TRUE
WHERE placed.outcome = 'unchanged' AND placed.shown_revision_key IS NULL;

UPDATE core.fact_sighting
SET
    left_at = NULL,
    return_count = fact_sighting.return_count + 1,
    absent_during = fact_sighting.absent_during + tstzmultirange(
        -- A clock that was set back must not make a negative absence.
        tstzrange(least(fact_sighting.left_at, placed.fetched_at), placed.fetched_at)
    )
FROM placed
WHERE
    fact_sighting.left_at IS NOT NULL
    AND fact_sighting.article_key = placed.article_key
    AND fact_sighting.feed_key = placed.feed_key;

-- End sightings that are missing in a document that was read completely. A document that lost
-- entries proves nothing, and neither do single records of the quarantine.
UPDATE core.fact_sighting
SET left_at = document.fetched_at
FROM stage_document AS document
WHERE
    fact_sighting.feed_key = document.feed_key
    AND fact_sighting.left_at IS NULL
    AND fact_sighting.first_seen_at < document.fetched_at
    AND document.lost_count = 0
    AND NOT :is_review
    AND NOT EXISTS (
        SELECT 1
        FROM placed
        WHERE
            placed.article_key = fact_sighting.article_key
            AND placed.feed_key = fact_sighting.feed_key
    );
