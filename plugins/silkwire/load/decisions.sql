-- The statements of `decisions.py`, by name.

-- name: keys
SELECT array_agg(nextval('core.fact_topic_match_match_key_seq')) FROM generate_series(1, :count);

-- name: topics
SELECT
    topic,
    topic_key
FROM core.dim_topic;

-- name: new_topics
-- Not ON CONFLICT, which would consume a smallint key for each known topic at each call.
INSERT INTO core.dim_topic (topic)
SELECT unnest(cast(:names AS text[]))
RETURNING topic, topic_key;
