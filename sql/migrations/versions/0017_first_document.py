"""When the first document of each feed was read: what was published before is backlog."""

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

COLUMN = """
ALTER TABLE ops.feed ADD COLUMN first_document_at timestamptz;
COMMENT ON COLUMN ops.feed.first_document_at IS
    'When the first of its documents that is loaded was fetched; NULL: none is. What was published'
    ' before is backlog, see mart.is_backlog.';
"""

# `ops.fetch` and `ops.off_topic` are purged in time, sightings stay.
KNOWN = """
UPDATE ops.feed SET first_document_at = least(
    (
        SELECT min(sighting.first_seen_at) FROM core.fact_sighting AS sighting
        WHERE sighting.feed_key = feed.feed_key
    ),
    (
        SELECT min(entry.first_seen_at) FROM ops.off_topic AS entry
        WHERE entry.feed_key = feed.feed_key
    ),
    (
        SELECT min(attempt.started_at) FROM ops.fetch AS attempt
        INNER JOIN ops.batch AS batch ON attempt.batch_id = batch.batch_id
        WHERE attempt.feed_key = feed.feed_key AND attempt.outcome = 'new'
            AND batch.verdict IN ('published', 'released')
    )
)
"""


def upgrade() -> None:
    op.execute(COLUMN)
    op.execute(KNOWN)


def downgrade() -> None:
    op.execute("ALTER TABLE ops.feed DROP COLUMN first_document_at")
