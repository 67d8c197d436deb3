-- Two on-topic articles of two outlets, one edited and carried twice; a near miss; a feed that fails.
INSERT INTO ops.feed (feed_url, fetch_url, title, outlet, state, failure_count, last_error_class,
    last_error, suggested_feed_url, next_due_at, created_at)
VALUES
    ('https://post.example/rss', 'https://post.example/rss', 'The Post', 'The Post', 'healthy', 0,
        NULL, NULL, NULL, now(), now()),
    ('https://wire.example/rss', 'https://wire.example/rss', 'Wire', 'Wire', 'failing', 3,
        'html', 'a web page, not a feed', 'https://wire.example/new', now(), now());
INSERT INTO core.dim_outlet (outlet) VALUES ('The Post'), ('Wire');
INSERT INTO core.dim_feed (feed_key, feed_url, outlet_key, tags, topics, valid_from)
VALUES
    (1, 'https://post.example/rss', 1, '{}', '{}', now()),
    (2, 'https://wire.example/rss', 2, '{}', '{}', now());
INSERT INTO core.dim_ruleset (version, first_used_at, adoptions) VALUES ('r1', now(), ARRAY[now()]);
INSERT INTO core.fact_article (identity_kind, identity_hash, canonical_url, first_feed_key,
    outlet_key, first_seen_at, published_at, language, batch_id, loaded_at)
VALUES
    ('url', '\x01', 'https://post.example/a', 1, 1, now() - interval '1 hour',
        now() - interval '90 minutes', 'en', 'b', now()),
    ('url', '\x02', 'https://wire.example/b', 2, 2, now() - interval '2 hours', NULL, 'en', 'b',
        now());
INSERT INTO core.article_revision (article_key, feed_key, revision_number, kind,
    replaces_revision_key, title, summary, text_hash, recorded_from, loaded_at, batch_id)
VALUES
    (1, 1, 1, 'inserted', NULL, 'China warns AI staff', 'Stay here.', '\x01',
        now() - interval '1 hour', now(), 'b'),
    (1, 1, 2, 'revised', 1, 'China advises AI staff', 'Stay here.', '\x02', now(), now(), 'b'),
    (2, 2, 1, 'inserted', NULL, '=1+1 visa-free tours', NULL, '\x03', now(), now(), 'b');
UPDATE core.fact_article SET current_revision_key = 2 WHERE article_key = 1;
UPDATE core.fact_article SET current_revision_key = 3 WHERE article_key = 2;
INSERT INTO core.fact_sighting (article_key, feed_key, link, position, text_hash, revision_key,
    first_seen_at, batch_id)
VALUES
    (1, 1, 'https://post.example/a?utm_source=rss', 0, '\x02', 2, now(), 'b'),
    (1, 2, 'https://post.example/a', 1, '\x02', 2, now(), 'b'),
    (2, 2, 'https://wire.example/b', 0, '\x03', 3, now(), 'b');
INSERT INTO core.fact_topic_match (revision_key, topic_key, ruleset_key, is_match, score, scope)
VALUES
    (1, 1, 1, true, 0.9, NULL), (1, 2, 1, true, 0.8, 'outbound'),
    (2, 1, 1, true, 0.9, NULL), (2, 2, 1, true, 0.8, 'outbound'),
    (3, 1, 1, false, 0.1, NULL), (3, 2, 1, true, 0.7, NULL);
INSERT INTO core.topic_evidence (match_key, span_number, field, start_offset, end_offset, text,
    rule, weight)
VALUES (3, 0, 'title', 14, 16, 'AI', 'ai.name', 2.0), (6, 0, 'title', 5, 14, 'visa-free', 'visa', 1.5);
INSERT INTO ops.off_topic (feed_key, identity_hash, entry_url, title, language, scores, ruleset,
    first_seen_at, last_seen_at, batch_id)
VALUES (1, '\x09', 'https://post.example/c', 'Claude Monet', 'en',
    '{"ai": 0.4, "china_travel": 0.1}', 'r1', now(), now(), 'b');
