"""Columns for what queries ask of step reports; triggers instead of reserved reviewers' names; the
rule by which an entry keeps a coarser identity."""

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

COLUMNS = """
ALTER TABLE ops.batch
    ADD COLUMN shard_count integer
        GENERATED ALWAYS AS (CAST(step_reports -> 'plan' ->> 'shards' AS integer)) STORED,
    ADD COLUMN ruleset text
        GENERATED ALWAYS AS (step_reports -> 'match' ->> 'ruleset') STORED,
    ADD COLUMN validated_count integer
        GENERATED ALWAYS AS (CAST(step_reports -> 'validate' ->> 'entries' AS integer)) STORED,
    ADD COLUMN undated_count integer
        GENERATED ALWAYS AS (CAST(step_reports -> 'validate' ->> 'undated' AS integer)) STORED,
    ADD COLUMN replays_batch_id text
        GENERATED ALWAYS AS (step_reports -> 'plan' ->> 'replays') STORED,
    ADD COLUMN is_whole_replay boolean
        GENERATED ALWAYS AS (CAST(step_reports -> 'plan' ->> 'is_whole' AS boolean)) STORED;
CREATE INDEX batch_replays_idx ON ops.batch (replays_batch_id) WHERE replays_batch_id IS NOT NULL;
COMMENT ON COLUMN ops.batch.shard_count IS
    'How many shards were planned; 0: no feed was due, or the batch loads single records.';
COMMENT ON COLUMN ops.batch.ruleset IS 'The version of the topic rules that matched its entries.';
COMMENT ON COLUMN ops.batch.validated_count IS 'Entries that Great Expectations validated.';
COMMENT ON COLUMN ops.batch.undated_count IS 'Of them, entries without a date of publication.';
COMMENT ON COLUMN ops.batch.replays_batch_id IS
    'The archived batch that this one replays; NULL: it is no replay.';
COMMENT ON COLUMN ops.batch.is_whole_replay IS
    'Whether it replays all fetches of that batch; NULL: it is no replay.';
"""

KEEPS_IDENTITY = """
CREATE FUNCTION core.keeps_identity(
    kind text, guid text, text_hash bytea, seen_guid text, seen_text_hash bytea
) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT seen_guid IS NOT DISTINCT FROM guid
        AND (kind NOT IN ('url_guid_text', 'guid_text') OR seen_text_hash = text_hash)
$$;
COMMENT ON FUNCTION core.keeps_identity IS
    'Whether an entry keeps the coarser identity under which its feed was seen to show an article:'
    ' the same guid and, where the text is part of the identity, the same text.'
"""

# Until now a batch of records was known by who signed it.
TRIGGERS = """
UPDATE ops.batch SET trigger = reviewer
WHERE trigger = 'review' AND reviewer IN ('adopt', 'retry')
"""


def upgrade() -> None:
    op.execute(COLUMNS)
    op.execute(TRIGGERS)
    op.execute(KEEPS_IDENTITY)


def downgrade() -> None:
    op.execute("DROP FUNCTION core.keeps_identity")
    op.execute("UPDATE ops.batch SET trigger = 'review' WHERE trigger IN ('adopt', 'retry')")
    op.execute(
        "ALTER TABLE ops.batch DROP COLUMN shard_count, DROP COLUMN ruleset,"
        " DROP COLUMN validated_count, DROP COLUMN undated_count,"
        " DROP COLUMN replays_batch_id, DROP COLUMN is_whole_replay"
    )
