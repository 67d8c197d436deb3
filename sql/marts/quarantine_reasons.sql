-- One row per record in quarantine and failed expectation; includes records decided on.
-- column quarantine_key: the number by which `silkwire quarantine` takes the record
-- column status: open, released or rejected
-- column last_seen_at: when a feed last showed the record
-- column seen_count: how often it was shown
-- column outlet: who publishes the feed
-- column feed_url: the feed, as listed
-- column title: title of the entry; NULL: none, or it could not be read
-- column entry_url: url of the entry; NULL: none, or it could not be read
-- column expectation: the name of the expectation
-- column column_name: the field that failed; NULL: the whole entry
-- column value: the value of that field; NULL: none
-- column rule: the expectation as a sentence
-- column reviewer: who decided; NULL: nobody yet
-- column decided_at: when that person decided; NULL: nobody yet
CREATE VIEW mart.quarantine_reasons AS
SELECT
    record.quarantine_key,
    record.status,
    record.last_seen_at,
    record.seen_count,
    feed.outlet,
    feed.feed_url,
    record.title,
    record.entry_url,
    failed.expectation,
    failed.column_name,
    failed.value,
    failed.rule,
    record.reviewer,
    record.decided_at
FROM ops.quarantine_reason AS failed
INNER JOIN ops.quarantine AS record ON failed.quarantine_key = record.quarantine_key
INNER JOIN ops.feed AS feed ON record.feed_key = feed.feed_key;
