"""When each sighting and each decision came into the warehouse: as-of questions need it."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

COLUMNS = """
ALTER TABLE core.fact_sighting ADD COLUMN loaded_at timestamptz NOT NULL DEFAULT now();
ALTER TABLE core.fact_topic_match ADD COLUMN loaded_at timestamptz NOT NULL DEFAULT now();
COMMENT ON COLUMN core.fact_sighting.loaded_at IS 'When the sighting came into the warehouse.';
COMMENT ON COLUMN core.fact_topic_match.loaded_at IS 'When the decision came into the warehouse.';
"""

# A sighting came with its batch; a decision with its text, or later with rules of a later day.
KNOWN = """
UPDATE core.fact_sighting AS sighting
SET loaded_at = coalesce(
    (SELECT batch.finished_at FROM ops.batch AS batch WHERE batch.batch_id = sighting.batch_id),
    greatest(sighting.first_seen_at, article.loaded_at)
)
FROM core.fact_article AS article
WHERE article.article_key = sighting.article_key;
UPDATE core.fact_topic_match AS decision
SET loaded_at = greatest(revision.loaded_at, ruleset.first_used_at)
FROM core.article_revision AS revision, core.dim_ruleset AS ruleset
WHERE
    revision.revision_key = decision.revision_key AND ruleset.ruleset_key = decision.ruleset_key;
"""


def upgrade() -> None:
    op.execute(COLUMNS)
    op.execute(KNOWN)


def downgrade() -> None:
    op.execute("ALTER TABLE core.fact_sighting DROP COLUMN loaded_at")
    op.execute("ALTER TABLE core.fact_topic_match DROP COLUMN loaded_at")
