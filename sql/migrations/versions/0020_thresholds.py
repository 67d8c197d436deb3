"""The thresholds of each ruleset: a score says more beside the one that it had to reach."""

from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

THRESHOLDS = """
ALTER TABLE core.dim_ruleset ADD COLUMN thresholds jsonb;
COMMENT ON COLUMN core.dim_ruleset.thresholds IS
    'By topic, the score from which a text is on it; NULL: no batch or trial has used it since '
    'this is kept.';
"""


def upgrade() -> None:
    op.execute(THRESHOLDS)


def downgrade() -> None:
    op.execute("ALTER TABLE core.dim_ruleset DROP COLUMN thresholds")
