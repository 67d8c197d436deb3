-- Since when an article is known to be public: its time of publication if that has a time of day
-- and is not after the article was seen, else when it was seen. The origin of a text is the
-- article that was public first.
CREATE FUNCTION mart.public_at(
    published_at timestamptz, published_precision text, published_raw text, seen_at timestamptz
) RETURNS timestamptz
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN core.public_at(published_at, published_precision, published_raw, seen_at);
