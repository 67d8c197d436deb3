-- A newsroom's warehouse at noon (UTC) of 10 March 2026: five articles of three outlets, one text at
-- two urls, three edits, what was left out or set aside, two weeks of fetches.
INSERT INTO ops.feed (feed_url, fetch_url, title, outlet, state, failure_count, last_error_class,
    last_error, last_success_at, next_due_at, created_at)
VALUES
    ('https://post.example/rss', 'https://post.example/rss', 'The Post', 'The Post', 'healthy', 0,
        NULL, NULL, '2026-03-10 11:50Z', '2026-03-10 12:10Z', '2026-01-01 00:00Z'),
    ('https://wire.example/rss', 'https://wire.example/rss', 'Wire', 'Wire', 'failing', 2,
        'timeout', 'no answer within 30 s', '2026-03-10 09:00Z', '2026-03-10 12:10Z',
        '2026-01-01 00:00Z'),
    ('https://asia.example/rss', 'https://asia.example/rss', 'Asia Daily', 'Asia Daily', 'healthy',
        0, NULL, NULL, '2026-03-10 11:50Z', '2026-03-10 12:10Z', '2026-01-01 00:00Z');
INSERT INTO core.dim_outlet (outlet) VALUES ('The Post'), ('Wire'), ('Asia Daily');
INSERT INTO core.dim_feed (feed_key, feed_url, outlet_key, tags, topics, valid_from)
SELECT feed_key, feed_url, feed_key, '{}', '{}', '2026-01-01 00:00Z' FROM ops.feed ORDER BY feed_key;
INSERT INTO core.dim_ruleset (version, first_used_at, adoptions)
VALUES ('r1', '2026-01-01 00:00Z', '{2026-01-01 00:00Z}');
INSERT INTO core.fact_article (identity_kind, identity_hash, canonical_url, first_feed_key,
    outlet_key, first_seen_at, published_at, published_precision, language, batch_id, loaded_at)
VALUES
    ('url', '\x01', 'https://post.example/advice', 1, 1, '2026-03-10 08:00Z', '2026-03-10 07:30Z',
        'second', 'en', 'b2', '2026-03-10 08:05Z'),
    ('url', '\x02', 'https://wire.example/trips', 2, 2, '2026-03-10 06:00Z', '2026-03-10 05:50Z',
        'second', 'en', 'b2', '2026-03-10 06:05Z'),
    ('url', '\x03', 'https://asia.example/tours', 3, 3, '2026-03-09 20:00Z', '2026-03-09 00:00Z',
        'day', 'en', 'b1', '2026-03-09 20:05Z'),
    ('url', '\x04', 'https://post.example/chips', 1, 1, '2026-03-08 09:00Z', '2026-03-08 01:00Z',
        'second', 'en', 'b1', '2026-03-08 09:05Z'),
    ('url', '\x05', 'https://asia.example/trips', 3, 3, '2026-03-10 07:00Z', NULL,
        NULL, 'en', 'b2', '2026-03-10 07:05Z');
INSERT INTO core.article_revision (article_key, feed_key, revision_number, kind,
    replaces_revision_key, changed, title, summary, text_hash, recorded_from, loaded_at, batch_id)
VALUES
    (1, 1, 1, 'inserted', NULL, '{}', 'China warns AI staff to stay home',
        'Officials spoke of guidance.', '\x01', '2026-03-10 08:00Z', '2026-03-10 08:05Z', 'b2'),
    (1, 1, 2, 'revised', 1, '{title}', 'China advises AI staff to stay home',
        'Officials spoke of guidance.', '\x02', '2026-03-10 10:00Z', '2026-03-10 10:05Z', 'b2'),
    (2, 2, 1, 'inserted', NULL, '{}', 'China tells AI scientists to avoid trips to the U.S.',
        'Leaders of firms are told, too.', '\x03', '2026-03-10 06:00Z', '2026-03-10 06:05Z', 'b2'),
    (3, 3, 1, 'inserted', NULL, '{}', 'Visa-free tours to China grow', NULL, '\x04',
        '2026-03-09 20:00Z', '2026-03-09 20:05Z', 'b1'),
    (4, 1, 1, 'inserted', NULL, '{}', 'New chips for AI', 'Faster by half.', '\x05',
        '2026-03-08 09:00Z', '2026-03-08 09:05Z', 'b1'),
    (4, 1, 2, 'revised', 5, '{title}', 'New chips for AI models', 'Faster by half.', '\x06',
        '2026-03-08 10:00Z', '2026-03-08 10:05Z', 'b1'),
    (4, 1, 3, 'revised', 6, '{title}', 'New chips for AI', 'Faster by half.', '\x05',
        '2026-03-08 11:00Z', '2026-03-08 11:05Z', 'b1'),
    (5, 3, 1, 'inserted', NULL, '{}', 'China tells AI scientists to avoid trips to the U.S.',
        'Leaders of firms are told, too.', '\x03', '2026-03-10 07:00Z', '2026-03-10 07:05Z', 'b2');
UPDATE core.fact_article SET current_revision_key = (ARRAY[2, 3, 4, 7, 8])[article_key];
INSERT INTO core.fact_sighting (article_key, feed_key, link, position, text_hash, revision_key,
    first_seen_at, loaded_at, batch_id)
VALUES
    (1, 1, 'https://post.example/advice', 0, '\x02', 2, '2026-03-10 08:00Z', '2026-03-10 08:05Z', 'b2'),
    (1, 2, 'https://post.example/advice', 0, '\x02', 2, '2026-03-10 09:00Z', '2026-03-10 09:05Z', 'b2'),
    (2, 2, 'https://wire.example/trips', 1, '\x03', 3, '2026-03-10 06:00Z', '2026-03-10 06:05Z', 'b2'),
    (3, 3, 'https://asia.example/tours', 1, '\x04', 4, '2026-03-09 20:00Z', '2026-03-09 20:05Z', 'b1'),
    (4, 1, 'https://post.example/chips', 1, '\x05', 7, '2026-03-08 09:00Z', '2026-03-08 09:05Z', 'b1'),
    (5, 3, 'https://asia.example/trips', 0, '\x03', 8, '2026-03-10 07:00Z', '2026-03-10 07:05Z', 'b2');
UPDATE core.fact_sighting SET left_at = '2026-03-10 11:00Z' WHERE article_key = 1 AND feed_key = 2;
INSERT INTO core.article_copy (article_key, origin_article_key, similarity, reason, linked_at)
VALUES (5, 2, 1, 'same lead', '2026-03-10 07:05Z');
-- ai, china_travel of each text
INSERT INTO core.fact_topic_match (revision_key, topic_key, ruleset_key, is_match, score, scope,
    loaded_at)
SELECT
    revision.revision_key, topic.topic_key, 1,
    CASE topic.topic WHEN 'ai' THEN article_key <> 3 ELSE article_key <> 4 END,
    CASE WHEN article_key = (CASE topic.topic WHEN 'ai' THEN 3 ELSE 4 END) THEN 0.25 ELSE 0.75 END,
    CASE WHEN topic.topic = 'china_travel' THEN
        (ARRAY['outbound', 'outbound', 'inbound', NULL, 'outbound'])[article_key] END,
    revision.loaded_at
FROM core.article_revision AS revision CROSS JOIN core.dim_topic AS topic
ORDER BY revision.revision_key, topic.topic;
UPDATE core.dim_ruleset SET thresholds = '{"ai": 0.5, "china_travel": 0.65}';
-- The rules alone would not have kept the tours; the first advice is a paid text.
UPDATE core.fact_topic_match AS decision SET score = 0.1,
    factors = '[{"name": "bias", "weight": -2}, {"name": "dedicated_feed", "weight": 1},
        {"name": "model:h:tours", "weight": -0.5}, {"name": "model:other", "weight": 0.1}]'
FROM core.dim_topic AS topic
WHERE decision.revision_key = 4 AND decision.topic_key = topic.topic_key
    AND topic.topic = 'china_travel';
UPDATE core.fact_topic_match SET flags = '{sponsored}' WHERE revision_key IN (1, 2) AND is_match;
INSERT INTO core.topic_evidence (match_key, span_number, field, start_offset, end_offset, text,
    rule, weight)
SELECT decision.match_key, 0, 'title', strpos(revision.title, found.words) - 1,
    strpos(revision.title, found.words) - 1 + length(found.words), found.words, found.rule, 1.5
FROM core.fact_topic_match AS decision
INNER JOIN core.article_revision AS revision ON decision.revision_key = revision.revision_key
INNER JOIN core.dim_topic AS topic ON decision.topic_key = topic.topic_key
INNER JOIN (VALUES
    ('ai', 'AI', 'ai.name'), ('china_travel', 'stay home', 'travel.advice'),
    ('china_travel', 'trips', 'travel.trip'), ('china_travel', 'Visa-free', 'visa.free')
) AS found (topic, words, rule)
    ON topic.topic = found.topic AND strpos(revision.title, found.words) > 0
WHERE decision.is_match
ORDER BY decision.match_key;
INSERT INTO ops.off_topic (feed_key, identity_hash, entry_url, title, language, scores, ruleset,
    first_seen_at, last_seen_at, batch_id)
SELECT feed_key, convert_to(title, 'UTF8'), 'https://o.example/' || length(title), title, 'en',
    scores::jsonb, 'r1', '2026-03-09 12:00Z', '2026-03-10 11:50Z', 'b1'
FROM (VALUES
    (1, 'Claude Monet on show', '{"ai": 0.4, "china_travel": 0.1}'),
    (1, 'Rain in Lisbon', '{"ai": 0.0, "china_travel": 0.0}'),
    (2, 'Bread prices rise', '{"ai": 0.0, "china_travel": 0.0}'),
    (3, 'A train to Lhasa, in pictures', '{"ai": 0.0, "china_travel": 0.3}')
) AS entry (feed_key, title, scores);
INSERT INTO ops.batch (batch_id, trigger, started_at, finished_at, lease_expires_at, state, verdict,
    fetched_count, accepted_count, unchanged_count, off_topic_count, quarantined_count,
    inserted_count, revised_count)
VALUES
    ('b1', 'schedule', '2026-03-09 20:00Z', '2026-03-09 20:05Z', '2026-03-09 21:00Z', 'done',
        'published', 9, 4, 0, 4, 1, 2, 2),
    ('b2', 'schedule', '2026-03-10 10:00Z', '2026-03-10 10:05Z', '2026-03-10 11:00Z', 'done',
        'published', 12, 4, 2, 4, 2, 3, 1);
INSERT INTO ops.quarantine (feed_key, fingerprint, batch_id, fetched_at, title, entry_url, payload,
    status, seen_count, last_seen_at, reviewer, decided_at)
VALUES
    (2, '\x01', 'b2', '2026-03-10 09:00Z', NULL, 'https://wire.example/1', '{}', 'open', 3,
        '2026-03-10 11:00Z', NULL, NULL),
    (3, '\x02', 'b2', '2026-03-10 09:00Z', NULL, 'https://asia.example/2', '{}', 'open', 1,
        '2026-03-10 09:00Z', NULL, NULL),
    (2, '\x03', 'b1', '2026-03-09 09:00Z', 'Flights of 2062', 'https://wire.example/3', '{}',
        'rejected', 1, '2026-03-09 09:00Z', 'ann', '2026-03-09 10:00Z');
INSERT INTO ops.quarantine_reason (quarantine_key, reason_number, expectation, column_name, value,
    rule)
VALUES
    (1, 0, 'expect_column_values_to_not_be_null', 'title', NULL, 'an entry has a title'),
    (2, 0, 'expect_column_values_to_not_be_null', 'title', NULL, 'an entry has a title'),
    (3, 0, 'expect_column_values_to_be_between', 'published_at', '2062-01-01T00:00:00Z',
        'an entry is not from the future');
INSERT INTO ops.expectation_result (batch_id, suite, expectation_number, expectation, column_name,
    is_success, element_count, unexpected_count, unexpected_share, run_at)
VALUES
    ('b1', 'entries', 0, 'not_null', 'title', true, 4, 0, 0, '2026-03-09 20:02Z'),
    ('b1', 'entries', 1, 'between', 'published_at', false, 4, 1, 0.25, '2026-03-09 20:02Z'),
    ('b2', 'entries', 0, 'not_null', 'title', false, 6, 2, 0.3333, '2026-03-10 10:02Z'),
    ('b2', 'entries', 1, 'between', 'published_at', true, 6, 0, 0, '2026-03-10 10:02Z');
-- Asia Daily had news on every day to 6 March; The Post has it daily; Wire fails since noon of the 9th.
INSERT INTO ops.fetch (batch_id, feed_key, started_at, fetch_url, outcome, error_class, wire_bytes,
    body_bytes, fetch_ms)
SELECT 'h' || day, feed.feed_key, day, feed.feed_url,
    CASE
        WHEN feed.feed_key = 2 AND day > '2026-03-09' THEN 'failed'
        WHEN feed.feed_key = 3 AND day > '2026-03-07' THEN 'unchanged_body'
        ELSE 'new'
    END,
    CASE WHEN feed.feed_key = 2 AND day > '2026-03-09' THEN 'timeout' END,
    CASE WHEN feed.feed_key = 2 AND day > '2026-03-09' THEN 0 ELSE 250000 END, 0,
    feed.feed_key * 100
FROM ops.feed AS feed,
    generate_series(timestamptz '2026-02-25 08:00Z', '2026-03-10 08:00Z', interval '1 day') AS day;
