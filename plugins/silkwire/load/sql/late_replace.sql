-- Make core equal to the copies. Rows that do not change are not rewritten.
-- Numbers that change are moved out of the way first, since they must be unique at every instant.
UPDATE core.article_revision AS revision
SET revision_number = -revision.revision_number
FROM late_revision AS known
LEFT JOIN pg_temp.article_revision AS redone ON known.revision_key = redone.revision_key
WHERE
    revision.revision_key = known.revision_key
    AND (known.feed_key, known.revision_number)
    IS DISTINCT FROM (redone.feed_key, redone.revision_number);

INSERT INTO core.fact_article OVERRIDING SYSTEM VALUE
SELECT redone.*
FROM pg_temp.fact_article AS redone
WHERE redone.article_key NOT IN (SELECT known.article_key FROM late_article AS known);

INSERT INTO core.article_revision OVERRIDING SYSTEM VALUE
SELECT redone.*
FROM pg_temp.article_revision AS redone
WHERE redone.revision_key NOT IN (SELECT known.revision_key FROM late_revision AS known);

UPDATE core.article_revision AS revision
SET
    feed_key = redone.feed_key,
    revision_number = redone.revision_number,
    kind = redone.kind,
    replaces_revision_key = redone.replaces_revision_key,
    summary_html = redone.summary_html,
    body_html = redone.body_html,
    authors = redone.authors,
    categories = redone.categories,
    changed = redone.changed,
    problems = redone.problems,
    recorded_from = redone.recorded_from,
    batch_id = redone.batch_id
FROM pg_temp.article_revision AS redone
WHERE
    revision.revision_key = redone.revision_key
    AND row(revision.*) IS DISTINCT FROM row(redone.*);

UPDATE core.fact_article AS article
SET
    first_feed_key = redone.first_feed_key,
    outlet_key = redone.outlet_key,
    current_revision_key = redone.current_revision_key,
    first_seen_at = redone.first_seen_at,
    published_at = redone.published_at,
    published_precision = redone.published_precision,
    published_source = redone.published_source,
    published_raw = redone.published_raw,
    language = redone.language,
    language_confidence = redone.language_confidence,
    image_url = redone.image_url,
    batch_id = redone.batch_id
FROM pg_temp.fact_article AS redone
WHERE
    article.article_key = redone.article_key
    AND row(article.*) IS DISTINCT FROM row(redone.*);

INSERT INTO core.fact_sighting
SELECT redone.*
FROM pg_temp.fact_sighting AS redone
WHERE NOT EXISTS (
    SELECT 1
    FROM core.fact_sighting AS known
    WHERE known.article_key = redone.article_key AND known.feed_key = redone.feed_key
);

UPDATE core.fact_sighting AS sighting
SET
    guid = redone.guid,
    link = redone.link,
    position = redone.position,
    text_hash = redone.text_hash,
    revision_key = redone.revision_key,
    first_seen_at = redone.first_seen_at,
    left_at = redone.left_at,
    return_count = redone.return_count,
    absent_during = redone.absent_during,
    batch_id = redone.batch_id
FROM pg_temp.fact_sighting AS redone
WHERE
    sighting.article_key = redone.article_key
    AND sighting.feed_key = redone.feed_key
    AND row(sighting.*) IS DISTINCT FROM row(redone.*);

DELETE FROM core.fact_sighting AS sighting
USING late_article AS known
WHERE
    sighting.article_key = known.article_key
    AND NOT EXISTS (
        SELECT 1
        FROM pg_temp.fact_sighting AS redone
        WHERE
            redone.article_key = sighting.article_key AND redone.feed_key = sighting.feed_key
    );

-- A text that moved to another document was matched again with that document. Decisions of rulesets
-- that were tried on all texts still hold.
DELETE FROM core.fact_topic_match AS decision
USING revision_name AS name, core.dim_ruleset AS ruleset
WHERE
    name.is_moved
    AND decision.revision_key = name.revision_key
    AND decision.ruleset_key = ruleset.ruleset_key
    AND ruleset.scored_at IS NULL
    AND decision.match_key NOT IN (SELECT known.match_key FROM match_name AS known);

INSERT INTO core.fact_topic_match OVERRIDING SYSTEM VALUE
SELECT redone.*
FROM pg_temp.fact_topic_match AS redone
WHERE redone.match_key NOT IN (SELECT known.match_key FROM match_name AS known);

UPDATE core.fact_topic_match AS decision
SET
    is_match = redone.is_match,
    score = redone.score,
    scope = redone.scope,
    factors = redone.factors,
    flags = redone.flags
FROM pg_temp.fact_topic_match AS redone
WHERE
    decision.match_key = redone.match_key
    AND row(decision.*) IS DISTINCT FROM row(redone.*);

DELETE FROM core.topic_evidence AS evidence
USING pg_temp.fact_topic_match AS decision
WHERE
    evidence.match_key = decision.match_key
    AND NOT EXISTS (
        SELECT 1
        FROM pg_temp.topic_evidence AS redone
        WHERE
            redone.match_key = evidence.match_key
            AND redone.span_number = evidence.span_number
            AND row(redone.*) IS NOT DISTINCT FROM row(evidence.*)
    );

INSERT INTO core.topic_evidence
SELECT redone.*
FROM pg_temp.topic_evidence AS redone
WHERE NOT EXISTS (
    SELECT 1
    FROM core.topic_evidence AS known
    WHERE known.match_key = redone.match_key AND known.span_number = redone.span_number
);

DELETE FROM core.article_revision AS revision
USING late_revision AS known
WHERE
    revision.revision_key = known.revision_key
    AND revision.revision_key NOT IN (
        SELECT redone.revision_key FROM pg_temp.article_revision AS redone
    );

DELETE FROM core.fact_article AS article
USING late_article AS known
WHERE
    article.article_key = known.article_key
    AND article.article_key NOT IN (SELECT redone.article_key FROM pg_temp.fact_article AS redone);
