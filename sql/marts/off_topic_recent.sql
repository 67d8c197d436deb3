-- One row per off-topic entry, kept for some time so that people can look for misses.
-- column last_seen_at: when its feed last showed it
-- column first_seen_at: when its feed first showed it
-- column outlet: who publishes the feed
-- column feed_url: the feed, as listed
-- column title: title of the entry; NULL: none
-- column summary: summary of the entry, without markup; NULL: none
-- column entry_url: its canonical url, or its link
-- column language: BCP 47; NULL: unknown
-- column ai_score: its score on ai, 0 to 1
-- column china_travel_score: its score on china_travel, 0 to 1
-- column ruleset: the version of the rules that matched it
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
