"""Rules tried on what is remembered no more: what of the archive they have read, and what of it
they would gain."""

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

ARCHIVE = """
CREATE TABLE ops.archive_trial (
    ruleset_key bigint NOT NULL,
    batch_id text NOT NULL,
    CONSTRAINT archive_trial_pk PRIMARY KEY (ruleset_key, batch_id),
    CONSTRAINT archive_trial_ruleset_fk FOREIGN KEY (ruleset_key)
        REFERENCES core.dim_ruleset (ruleset_key) ON DELETE CASCADE,
    CONSTRAINT archive_trial_batch_fk FOREIGN KEY (batch_id)
        REFERENCES ops.batch (batch_id) ON DELETE CASCADE
);
COMMENT ON TABLE ops.archive_trial IS
    'The batches whose archived documents rules that were tried have judged, all of them.';
COMMENT ON COLUMN ops.archive_trial.ruleset_key IS 'The rules that were tried, core.dim_ruleset.';
COMMENT ON COLUMN ops.archive_trial.batch_id IS 'The batch, ops.batch.';

CREATE TABLE ops.off_topic_document (
    feed_key bigint NOT NULL,
    fetched_at timestamptz NOT NULL,
    archive_file text NOT NULL,
    archive_offset bigint NOT NULL,
    document_url text NOT NULL,
    followed_at timestamptz,
    CONSTRAINT off_topic_document_pk PRIMARY KEY (feed_key, fetched_at),
    CONSTRAINT off_topic_document_feed_fk FOREIGN KEY (feed_key) REFERENCES ops.feed (feed_key)
);
COMMENT ON TABLE ops.off_topic_document IS
    'Where documents are that showed entries of ops.off_topic which came back from the archive.';
COMMENT ON COLUMN ops.off_topic_document.feed_key IS 'The feed, ops.feed.';
COMMENT ON COLUMN ops.off_topic_document.fetched_at IS 'When it was fetched.';
COMMENT ON COLUMN ops.off_topic_document.archive_file IS
    'The WARC file with its bytes, relative to the data URL.';
COMMENT ON COLUMN ops.off_topic_document.archive_offset IS 'The byte of it where they begin.';
COMMENT ON COLUMN ops.off_topic_document.document_url IS 'Where it was read from.';
COMMENT ON COLUMN ops.off_topic_document.followed_at IS
    'When its feed was next read whole; NULL: not known.';
"""


def upgrade() -> None:
    op.execute(ARCHIVE)


def downgrade() -> None:
    op.execute("DROP TABLE ops.archive_trial")
    op.execute("DROP TABLE ops.off_topic_document")
