"""When an article was gone from a feed: what is released late needs the state of its time."""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

ABSENCES = """
ALTER TABLE core.fact_sighting
    ADD COLUMN absent_during tstzmultirange NOT NULL DEFAULT '{}';
COMMENT ON COLUMN core.fact_sighting.absent_during IS
    'When it was gone from the feed and came back; return_count is how often.';
"""


def upgrade() -> None:
    op.execute(ABSENCES)


def downgrade() -> None:
    op.execute("ALTER TABLE core.fact_sighting DROP COLUMN absent_during")
