-- Whether an article is backlog: it was out before its feed was first read, so the day on which we
-- saw it says nothing about the day on which it was news.
--   `first_document_at` is when the first document of the feed that had the article first was
--   fetched (ops.feed). An article is backlog if that document showed it, dated or not, or if its
--   date is before that fetch: exact to the minute, or a day that was over everywhere. Figures by
--   day and delays leave backlog out.
CREATE FUNCTION mart.is_backlog(
    first_seen_at timestamptz,
    published_at timestamptz,
    published_precision text,
    first_document_at timestamptz
) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN coalesce(
    first_seen_at <= first_document_at
    OR published_at + CASE published_precision WHEN 'day' THEN 36 ELSE 0 END * interval '1 hour'
    < first_document_at,
    FALSE
);
