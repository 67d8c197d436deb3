"""The same text under several urls: which article is a copy of which, and how to find it."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

COPY = """
CREATE TABLE core.article_copy (
    article_key bigint NOT NULL,
    origin_article_key bigint NOT NULL,
    similarity real NOT NULL,
    reason text NOT NULL,
    linked_at timestamptz NOT NULL,
    replaced_at timestamptz,
    CONSTRAINT article_copy_pk PRIMARY KEY (article_key, linked_at),
    CONSTRAINT article_copy_article_fk FOREIGN KEY (article_key)
        REFERENCES core.fact_article (article_key) ON DELETE CASCADE,
    CONSTRAINT article_copy_origin_fk FOREIGN KEY (origin_article_key)
        REFERENCES core.fact_article (article_key) ON DELETE CASCADE,
    CONSTRAINT article_copy_not_itself CHECK (article_key <> origin_article_key),
    CONSTRAINT article_copy_similarity_valid CHECK (similarity BETWEEN 0 AND 1)
);
CREATE UNIQUE INDEX article_copy_current_idx ON core.article_copy (article_key)
    WHERE replaced_at IS NULL;
CREATE INDEX article_copy_origin_idx ON core.article_copy (origin_article_key);
COMMENT ON TABLE core.article_copy IS
    'Articles that carry a text which another url had first: one row a copy and origin.';
COMMENT ON COLUMN core.article_copy.article_key IS 'The copy.';
COMMENT ON COLUMN core.article_copy.origin_article_key IS
    'The article with this text that was seen first; among those of one instant, the smaller url.';
COMMENT ON COLUMN core.article_copy.similarity IS
    'How much of the shorter lead (or of both titles) the origin has too, 0 to 1.';
COMMENT ON COLUMN core.article_copy.reason IS
    'What decided, such as same lead; through another copy, where the two are linked by a third.';
COMMENT ON COLUMN core.article_copy.linked_at IS 'When this origin was found.';
COMMENT ON COLUMN core.article_copy.replaced_at IS
    'When an earlier origin was found, or it became the origin itself; NULL: it holds.';

CREATE TABLE ops.article_band (
    band_hash bigint NOT NULL,
    first_seen_at timestamptz NOT NULL,
    article_key bigint NOT NULL,
    CONSTRAINT article_band_pk PRIMARY KEY (band_hash, first_seen_at, article_key)
);
CREATE INDEX article_band_article_idx ON ops.article_band USING brin (article_key);
COMMENT ON TABLE ops.article_band IS
    'Sketches of the first texts of recent articles, in bands: two that share one are compared. '
    'Derived, kept for some weeks, and so without a foreign key.';
COMMENT ON COLUMN ops.article_band.band_hash IS 'A band of the MinHash of title or lead, 64 bits.';
COMMENT ON COLUMN ops.article_band.first_seen_at IS 'That of the article.';
COMMENT ON COLUMN ops.article_band.article_key IS 'The article, core.fact_article.';
"""

GRANTS = """
DO $grants$
DECLARE
    loader text := current_database() || '_loader';
    reader text := current_database() || '_reader';
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = loader) THEN
        EXECUTE format(
            'GRANT SELECT, INSERT, UPDATE, DELETE ON core.article_copy, ops.article_band TO %I',
            loader);
    END IF;
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = reader) THEN
        EXECUTE format('GRANT SELECT ON core.article_copy TO %I', reader);
    END IF;
END
$grants$;
"""


def upgrade() -> None:
    op.execute(COPY)
    op.execute(GRANTS)


def downgrade() -> None:
    op.execute("DROP TABLE ops.article_band, core.article_copy")
