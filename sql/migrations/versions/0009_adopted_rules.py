"""When rules came into force: others may judge what is there without deciding anything yet."""

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

# An array knows all that a table of adoptions would, and the latest of them costs no join.
ADOPTIONS = """
ALTER TABLE core.dim_ruleset
    ADD COLUMN adoptions timestamptz[] NOT NULL DEFAULT '{}',
    ADD COLUMN adopted_at timestamptz
        GENERATED ALWAYS AS (adoptions[cardinality(adoptions)]) STORED,
    ADD COLUMN scored_at timestamptz;
UPDATE core.dim_ruleset SET adoptions = ARRAY[first_used_at];
COMMENT ON COLUMN core.dim_ruleset.ruleset_key IS 'Surrogate key.';
COMMENT ON COLUMN core.dim_ruleset.first_used_at IS 'When they first decided anything.';
COMMENT ON COLUMN core.dim_ruleset.adoptions IS
    'When they came into force, oldest first; empty: never, they were only tried.';
COMMENT ON COLUMN core.dim_ruleset.adopted_at IS
    'The latest of adoptions; of two rulesets that judged a text, the one adopted later decides.';
COMMENT ON COLUMN core.dim_ruleset.scored_at IS
    'When they were last tried on what is there (silkwire replay --ruleset); NULL: never.';
"""


def upgrade() -> None:
    op.execute(ADOPTIONS)


def downgrade() -> None:
    op.execute(
        "ALTER TABLE core.dim_ruleset"
        " DROP COLUMN adopted_at, DROP COLUMN adoptions, DROP COLUMN scored_at"
    )
