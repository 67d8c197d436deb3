-- Entries of a later batch whose article this release adds. They were off topic only because the
-- article was unknown. Entries that become off topic, because their article now has another
-- identity, are counted as negative.
INSERT INTO late_on_topic (batch_id, feed_key, identity_hash, entry_count)
SELECT
    :batch_id,
    entry.feed_key,
    entry.identity_hash,
    (1 + entry.copy_count) * CASE WHEN decided.outcome = 'off_topic' THEN -1 ELSE 1 END
FROM decided
INNER JOIN stage_entry AS entry ON decided.entry_number = entry.entry_number
WHERE
    decided.outcome <> 'quarantined'
    AND NOT entry.is_on_topic
    AND (decided.outcome = 'off_topic') = EXISTS (
        SELECT 1
        FROM late_article AS known
        WHERE
            (known.first_seen_at, known.first_feed_key) < (entry.fetched_at, entry.feed_key)
            AND (
                known.identity_hash = entry.identity_hash
                OR known.identity_hash = ANY(entry.coarser_hashes)
                AND EXISTS (
                    SELECT 1
                    FROM core.fact_sighting AS sighting
                    WHERE
                        sighting.article_key = known.article_key
                        AND sighting.feed_key = entry.feed_key
                        AND core.keeps_identity(
                            entry.identity_kind, entry.guid, entry.text_hash,
                            sighting.guid, sighting.text_hash
                        )
                        AND sighting.first_seen_at < entry.fetched_at
                )
            )
    );
