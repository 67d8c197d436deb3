-- One row per off-topic entry, kept for some time so that people can look for misses.
-- column last_seen_at: when its feed last showed it
-- column first_seen_at: when its feed first showed it
-- column outlet: who publishes the feed
-- column feed_url: the feed, as listed
-- column title: title of the entry; NULL: none
-- column summary: summary of the entry, without markup; NULL: none
-- column entry_url: its canonical url, or its link
-- column language: BCP 47; NULL: unknown
-- column ai_score: how near it came to the topic, 0 to 1; NULL: no rules for it
-- column china_travel_score: how near it came to the topic, 0 to 1; NULL: no rules for it
-- column nearest_topic: of all topics that there were rules for, the one with the highest score
-- column nearest_score: that score
-- column ruleset: the version of the rules that left it out
-- column scores: how near it came to each topic, JSON with a score by topic
-- column tags: tags of the feed
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
    (
        SELECT score.key
        FROM jsonb_each_text(entry.scores) AS score
        ORDER BY score.value::real DESC, score.key ASC
        LIMIT 1
    ) AS nearest_topic,
    (
        SELECT max(score.value::real)
        FROM jsonb_each_text(entry.scores) AS score
    ) AS nearest_score,
    entry.ruleset,
    entry.scores,
    feed.tags
FROM ops.off_topic AS entry
INNER JOIN ops.feed AS feed ON entry.feed_key = feed.feed_key;
