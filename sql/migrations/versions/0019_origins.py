"""The origin of a text is the article that was public first: by its time of publication where that
is exact and possible, else by its first sighting."""

from alembic import op

revision = "0019"
down_revision = "0017"
branch_labels = None
depends_on = None

# A midnight in the zone of the raw text, or in UTC where there is none, is a date without a time.
FUNCTIONS = r"""
CREATE FUNCTION core.is_exact_time(
    published_at timestamptz, published_precision text, published_raw text, seen_at timestamptz
) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT coalesce(
        published_precision IN ('second', 'minute')
        AND published_at BETWEEN '1990-01-01 00:00Z' AND seen_at
        AND published_at AT TIME ZONE 'UTC' <> date_trunc('day', published_at AT TIME ZONE 'UTC')
        AND coalesce(published_raw !~ '(^|[^0-9:+-])0{1,2}[:]00([:]00)?([^0-9:]|$)', TRUE),
        FALSE
    )
$$;
COMMENT ON FUNCTION core.is_exact_time IS
    'Whether a time of publication says who was first: with a time of day (midnight is a date'
    ' without one), not after the article was seen, and not before the web.';

CREATE FUNCTION core.public_at(
    published_at timestamptz, published_precision text, published_raw text, seen_at timestamptz
) RETURNS timestamptz LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE
        WHEN core.is_exact_time(published_at, published_precision, published_raw, seen_at)
            THEN published_at
        ELSE seen_at
    END
$$;
COMMENT ON FUNCTION core.public_at IS
    'Since when an article is known to be public: its time of publication if that is exact, else'
    ' when it was seen.';
"""

# Groups of copies whose origin, the first that was seen, is not the first that was public.
ORIGINS = """
CREATE TEMPORARY TABLE new_origin ON COMMIT DROP AS
WITH member AS (
    SELECT origin_article_key AS origin_key, article_key
    FROM core.article_copy WHERE replaced_at IS NULL
    UNION
    SELECT origin_article_key, origin_article_key
    FROM core.article_copy WHERE replaced_at IS NULL
)
SELECT DISTINCT ON (member.origin_key) member.origin_key, member.article_key AS first_key
FROM member INNER JOIN core.fact_article AS article ON member.article_key = article.article_key
ORDER BY member.origin_key,
    core.public_at(article.published_at, article.published_precision, article.published_raw,
        article.first_seen_at),
    article.first_seen_at,
    coalesce(article.canonical_url, '') COLLATE "C",
    article.identity_hash;

DELETE FROM new_origin WHERE origin_key = first_key;

CREATE TEMPORARY TABLE new_link ON COMMIT DROP AS
SELECT copy.article_key, new_origin.first_key, copy.similarity, 'through another copy' AS reason
FROM core.article_copy AS copy
INNER JOIN new_origin ON copy.origin_article_key = new_origin.origin_key
WHERE copy.replaced_at IS NULL AND copy.article_key <> new_origin.first_key
UNION ALL
SELECT new_origin.origin_key, new_origin.first_key, copy.similarity, copy.reason
FROM core.article_copy AS copy
INNER JOIN new_origin ON copy.article_key = new_origin.first_key
WHERE copy.replaced_at IS NULL;

UPDATE core.article_copy SET replaced_at = now()
WHERE replaced_at IS NULL AND origin_article_key IN (SELECT origin_key FROM new_origin);

INSERT INTO core.article_copy (article_key, origin_article_key, similarity, reason, linked_at)
SELECT article_key, first_key, similarity, reason, now() FROM new_link;

DROP TABLE new_link, new_origin;
"""
COLUMN = """
COMMENT ON COLUMN core.article_copy.origin_article_key IS
    'The article with this text that was public first (core.public_at); among those of one'
    ' instant, the one seen first, then the smaller url.';
"""
EARLIER_COLUMN = """
COMMENT ON COLUMN core.article_copy.origin_article_key IS
    'The article with this text that was seen first; among those of one instant, the smaller url.';
"""


def upgrade() -> None:
    op.execute(FUNCTIONS)
    op.execute(ORIGINS)
    op.execute(COLUMN)


def downgrade() -> None:
    # Links stay as they are: they are links of the same groups.
    op.execute(EARLIER_COLUMN)
    op.execute("DROP FUNCTION core.public_at, core.is_exact_time")
