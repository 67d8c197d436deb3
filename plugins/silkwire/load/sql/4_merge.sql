-- What was accepted goes into core. Every statement takes the whole batch.
INSERT INTO core.dim_ruleset (version, first_used_at)
VALUES (:ruleset, :now)
ON CONFLICT (version) DO NOTHING;

INSERT INTO core.dim_topic (topic)
SELECT DISTINCT stage_match.topic FROM stage_match
ON CONFLICT (topic) DO NOTHING;

INSERT INTO core.fact_article (
    identity_kind, identity_hash, canonical_url, first_feed_key, outlet_key, first_seen_at,
    published_at, published_precision, published_source, published_raw,
    language, language_confidence, image_url, batch_id, loaded_at
)
SELECT
    entry.identity_kind,
    entry.identity_hash,
    entry.canonical_url,
    entry.feed_key,
    feed.outlet_key,
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
FROM decided
INNER JOIN stage_entry AS entry ON decided.entry_number = entry.entry_number
INNER JOIN core.dim_feed AS feed ON entry.feed_key = feed.feed_key AND feed.is_current
WHERE decided.fate = 'inserted'
ORDER BY decided.turn;

-- The new articles' keys, for every feed that carries one.
UPDATE decided
SET article_key = article.article_key
FROM stage_entry AS entry, core.fact_article AS article
WHERE
    decided.is_new_article
    AND decided.fate IN ('inserted', 'variant', 'unchanged', 'quarantined')
    AND entry.entry_number = decided.entry_number
    AND article.identity_hash = entry.identity_hash;

INSERT INTO core.article_revision (
    article_key, feed_key, revision_number, kind, replaces_revision_key,
    title, summary, body, summary_html, body_html, authors, categories,
    text_hash, changed, problems, recorded_from, loaded_at, batch_id
)
SELECT
    decided.article_key,
    decided.feed_key,
    coalesce(latest.revision_number, 0) + 1,
    decided.fate,
    CASE WHEN decided.fate = 'revised' THEN decided.shown_revision_key END,
    entry.title,
    entry.summary,
    entry.body,
    entry.summary_html,
    entry.body_html,
    entry.authors,
    entry.categories,
    entry.text_hash,
    CASE
        WHEN decided.fate = 'revised'
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
FROM decided
INNER JOIN stage_entry AS entry ON decided.entry_number = entry.entry_number
LEFT JOIN core.article_revision AS shown ON decided.shown_revision_key = shown.revision_key
LEFT JOIN LATERAL (
    SELECT max(revision.revision_number) AS revision_number
    FROM core.article_revision AS revision
    WHERE
        revision.article_key = decided.article_key
        AND revision.feed_key = decided.feed_key
) AS latest ON TRUE
WHERE decided.fate IN ('inserted', 'revised', 'variant')
ORDER BY decided.turn;

UPDATE core.fact_article
SET current_revision_key = revision.revision_key
FROM core.article_revision AS revision
WHERE
    revision.batch_id = :batch_id
    AND fact_article.article_key = revision.article_key
    AND fact_article.first_feed_key = revision.feed_key;

-- Sightings: what each feed shows now. Rows that stay as they were are not rewritten.
UPDATE core.fact_sighting
SET
    text_hash = revision.text_hash,
    revision_key = revision.revision_key
FROM core.article_revision AS revision
WHERE
    revision.batch_id = :batch_id
    AND revision.kind = 'revised'
    AND fact_sighting.article_key = revision.article_key
    AND fact_sighting.feed_key = revision.feed_key;

INSERT INTO core.fact_sighting (
    article_key, feed_key, guid, link, position, text_hash, revision_key, first_seen_at, batch_id
)
SELECT
    decided.article_key,
    decided.feed_key,
    entry.guid,
    entry.link,
    entry.position,
    entry.text_hash,
    shown.revision_key,
    entry.fetched_at,
    :batch_id
FROM decided
INNER JOIN stage_entry AS entry ON decided.entry_number = entry.entry_number
INNER JOIN core.fact_article AS article ON decided.article_key = article.article_key
INNER JOIN LATERAL (
    SELECT revision.revision_key
    FROM core.article_revision AS revision
    WHERE
        revision.article_key = decided.article_key
        AND revision.text_hash = entry.text_hash
    ORDER BY
        revision.feed_key = decided.feed_key DESC,
        revision.feed_key = article.first_feed_key DESC,
        revision.revision_key DESC
    LIMIT 1
) AS shown ON TRUE
WHERE
    decided.fate IN ('inserted', 'variant')
    OR (decided.fate = 'unchanged' AND decided.shown_revision_key IS NULL);

UPDATE core.fact_sighting
SET left_at = NULL, return_count = fact_sighting.return_count + 1
FROM decided
WHERE
    fact_sighting.left_at IS NOT NULL
    AND fact_sighting.article_key = decided.article_key
    AND fact_sighting.feed_key = decided.feed_key;

-- Gone from a document that was read whole. One that lost entries proves nothing.
UPDATE core.fact_sighting
SET left_at = document.fetched_at
FROM stage_document AS document
WHERE
    fact_sighting.feed_key = document.feed_key
    AND fact_sighting.left_at IS NULL
    AND fact_sighting.first_seen_at < document.fetched_at
    AND document.lost_count = 0
    AND NOT EXISTS (
        SELECT 1
        FROM decided
        WHERE
            decided.article_key = fact_sighting.article_key
            AND decided.feed_key = fact_sighting.feed_key
    );

INSERT INTO core.fact_topic_match (
    revision_key, topic_key, ruleset_key, is_match, score, scope, factors, flags
)
SELECT
    revision.revision_key,
    topic.topic_key,
    ruleset.ruleset_key,
    stage_match.is_match,
    stage_match.score,
    stage_match.scope,
    stage_match.factors,
    stage_match.flags
FROM stage_match
INNER JOIN decided ON stage_match.entry_number = decided.entry_number
INNER JOIN core.article_revision AS revision
    ON
        revision.batch_id = :batch_id
        AND decided.article_key = revision.article_key
        AND decided.feed_key = revision.feed_key
INNER JOIN core.dim_topic AS topic ON stage_match.topic = topic.topic
INNER JOIN core.dim_ruleset AS ruleset ON ruleset.version = :ruleset;

INSERT INTO core.topic_evidence (
    match_key, span_number, field, start_offset, end_offset, text, rule, weight
)
SELECT
    decision.match_key,
    stage_evidence.span_number,
    stage_evidence.field,
    stage_evidence.start_offset,
    stage_evidence.end_offset,
    stage_evidence.text,
    stage_evidence.rule,
    stage_evidence.weight
FROM stage_evidence
INNER JOIN decided ON stage_evidence.entry_number = decided.entry_number
INNER JOIN core.article_revision AS revision
    ON
        revision.batch_id = :batch_id
        AND decided.article_key = revision.article_key
        AND decided.feed_key = revision.feed_key
INNER JOIN core.dim_topic AS topic ON stage_evidence.topic = topic.topic
INNER JOIN core.dim_ruleset AS ruleset ON ruleset.version = :ruleset
INNER JOIN core.fact_topic_match AS decision
    ON
        revision.revision_key = decision.revision_key
        AND topic.topic_key = decision.topic_key
        AND ruleset.ruleset_key = decision.ruleset_key;
