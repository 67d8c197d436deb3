"""What a document is compared with: entries without a date, and whether it was held."""

from alembic import op

revision = "0016"
down_revision = "0014"
branch_labels = None
depends_on = None

COLUMNS = """
ALTER TABLE ops.fetch
    ADD COLUMN undated_count integer,
    ADD COLUMN is_held boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN ops.fetch.undated_count IS
    'Entries without a date of publication; NULL: no document, or from before this was counted.';
COMMENT ON COLUMN ops.fetch.is_held IS
    'Whether the document was held: its new entries are in quarantine under an expectation on'
    ' documents.';
"""


def upgrade() -> None:
    op.execute(COLUMNS)


def downgrade() -> None:
    op.execute("ALTER TABLE ops.fetch DROP COLUMN undated_count, DROP COLUMN is_held")
