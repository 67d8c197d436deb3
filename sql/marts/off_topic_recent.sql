-- One row an entry that the rules left out, newest first where it matters to look for misses.
CREATE VIEW mart.off_topic_recent AS
SELECT
    entry.last_seen_at,
    entry.first_seen_at,
    feed.outlet,
    feed.feed_url,
    entry.title,
    entry.summary,
    entry.entry_url,
    entry.language,
    (entry.scores ->> 'ai')::real AS ai_score,
    (entry.scores ->> 'china_travel')::real AS china_travel_score,
    entry.ruleset
FROM ops.off_topic AS entry
INNER JOIN ops.feed AS feed ON entry.feed_key = feed.feed_key;
