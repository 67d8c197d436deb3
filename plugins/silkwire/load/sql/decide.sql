-- The outcome of each entry, the first that holds: quarantined without an identity, unchanged,
-- off_topic, quarantined if it fails Great Expectations, else inserted, revised or variant.
-- Entries are taken in the order of their fetch, then of the feed's key, as if each feed had come
-- in a batch of its own.
CREATE TEMPORARY TABLE decided ON COMMIT DROP AS
WITH resolved AS (
    SELECT
        entry.entry_number,
        entry.feed_key,
        entry.fetched_at,
        entry.identity_kind,
        entry.identity_hash,
        entry.text_hash,
        entry.copy_count,
        entry.is_on_topic,
        -- A person's decision on this text overrides what it fails or passes now.
        coalesce(record.status = 'rejected', entry.is_failed) AS is_failed,
        record.status AS review,
        coalesce(known_by_feed.article_key, known.article_key) AS article_key,
        coalesce(
            'article ' || coalesce(known_by_feed.article_key, known.article_key),
            encode(entry.identity_hash, 'hex')
        ) AS article_name,
        row_number() OVER (ORDER BY entry.fetched_at, entry.feed_key, entry.position) AS turn
    FROM stage_entry AS entry
    LEFT JOIN ops.quarantine AS record
        ON
            entry.feed_key = record.feed_key
            AND record.fingerprint = sha256(entry.identity_hash || entry.text_hash)
            AND record.status <> 'open'
    LEFT JOIN core.fact_article AS known ON entry.identity_hash = known.identity_hash
    LEFT JOIN LATERAL (
        -- An article that is stored under a coarser identity is kept for the entry that it was seen
        -- with.
        SELECT coarser.article_key
        FROM core.fact_article AS coarser
        INNER JOIN core.fact_sighting AS sighting
            ON
                coarser.article_key = sighting.article_key
                AND entry.feed_key = sighting.feed_key
        WHERE
            entry.coarser_hashes <> '{}' -- most entries have none and need no lookup
            AND coarser.identity_hash = any(entry.coarser_hashes)
            AND core.keeps_identity(
                entry.identity_kind, entry.guid, entry.text_hash,
                sighting.guid, sighting.text_hash
            )
        ORDER BY array_position(entry.coarser_hashes, coarser.identity_hash)
        LIMIT 1
    ) AS known_by_feed ON TRUE
),

compared AS (
    SELECT
        resolved.*,
        sighting.text_hash AS shown_hash,
        sighting.revision_key AS shown_revision_key,
        article.first_feed_key,
        current_revision.text_hash AS current_hash,
        min(resolved.turn) FILTER (
            WHERE resolved.article_key IS NULL
            AND resolved.is_on_topic
            AND NOT resolved.is_failed
        ) OVER (PARTITION BY resolved.identity_hash) AS first_turn
    FROM resolved
    LEFT JOIN core.fact_article AS article ON resolved.article_key = article.article_key
    LEFT JOIN core.article_revision AS current_revision
        ON article.current_revision_key = current_revision.revision_key
    LEFT JOIN core.fact_sighting AS sighting
        ON
            resolved.article_key = sighting.article_key
            AND resolved.feed_key = sighting.feed_key
),

-- The text that the first carrier shows in this batch, for entries whose turn comes later.
carrier AS (
    SELECT
        compared.article_name,
        compared.turn,
        compared.text_hash
    FROM compared
    WHERE
        (compared.article_key IS NULL AND compared.turn = compared.first_turn)
        OR (compared.feed_key = compared.first_feed_key AND NOT compared.is_failed)
)

SELECT
    compared.entry_number,
    compared.feed_key,
    compared.fetched_at,
    compared.identity_hash,
    compared.article_key,
    compared.shown_revision_key,
    compared.copy_count,
    compared.turn,
    compared.review,
    compared.article_key IS NULL AS is_new_article,
    CASE
        WHEN compared.identity_kind = 'none' THEN 'quarantined'
        WHEN compared.text_hash = compared.shown_hash THEN 'unchanged'
        WHEN
            compared.shown_hash IS NULL
            AND compared.text_hash = coalesce(carrier.text_hash, compared.current_hash)
            THEN 'unchanged'
        WHEN
            compared.article_key IS NULL
            AND NOT compared.is_on_topic
            AND compared.turn < coalesce(compared.first_turn, compared.turn + 1)
            THEN 'off_topic'
        WHEN compared.is_failed THEN 'quarantined'
        WHEN compared.turn = compared.first_turn THEN 'inserted'
        WHEN compared.shown_hash IS NOT NULL THEN 'revised'
        ELSE 'variant'
    END AS outcome
FROM compared
LEFT JOIN carrier
    ON
        compared.article_name = carrier.article_name
        AND compared.turn > carrier.turn;

ALTER TABLE decided ADD PRIMARY KEY (entry_number);

ANALYZE decided;
