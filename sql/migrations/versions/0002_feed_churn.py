"""What a feed's entries were last, so that churn is told from news; when it asks not to be read."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

FEED = """
ALTER TABLE ops.feed
    ADD COLUMN entries_hash bytea,
    ADD COLUMN skip_hours smallint[] NOT NULL DEFAULT '{}',
    ADD COLUMN skip_days smallint[] NOT NULL DEFAULT '{}';
COMMENT ON COLUMN ops.feed.entries_hash IS
    'SHA-256 of identities and texts of the entries last published or held, in any order.';
COMMENT ON COLUMN ops.feed.skip_hours IS 'Hours in UTC at which the feed asks not to be read.';
COMMENT ON COLUMN ops.feed.skip_days IS
    'Days in UTC, 1 (Monday) to 7, at which the feed asks not to be read.';
"""

FETCH = """
ALTER TABLE ops.fetch
    ADD COLUMN is_churn boolean NOT NULL DEFAULT false,
    ADD CONSTRAINT fetch_churn_is_new CHECK (NOT is_churn OR outcome = 'new');
COMMENT ON COLUMN ops.fetch.is_churn IS
    'The bytes changed, the entries did not: a build date, a counter, an advertisement.';
"""


def upgrade() -> None:
    op.execute(FEED)
    op.execute(FETCH)


def downgrade() -> None:
    op.execute("ALTER TABLE ops.fetch DROP COLUMN is_churn")
    op.execute(
        "ALTER TABLE ops.feed"
        " DROP COLUMN entries_hash, DROP COLUMN skip_hours, DROP COLUMN skip_days"
    )
