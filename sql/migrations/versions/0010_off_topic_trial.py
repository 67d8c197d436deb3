"""What other rules would decide of the entries that are off topic."""

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

TRIAL = """
CREATE TABLE ops.off_topic_trial (
    feed_key bigint NOT NULL,
    identity_hash bytea NOT NULL,
    ruleset_key bigint NOT NULL,
    last_seen_at timestamptz NOT NULL,
    gained jsonb NOT NULL,
    CONSTRAINT off_topic_trial_pk PRIMARY KEY (feed_key, identity_hash, ruleset_key),
    CONSTRAINT off_topic_trial_entry_fk FOREIGN KEY (feed_key, identity_hash)
        REFERENCES ops.off_topic (feed_key, identity_hash) ON DELETE CASCADE,
    CONSTRAINT off_topic_trial_ruleset_fk FOREIGN KEY (ruleset_key)
        REFERENCES core.dim_ruleset (ruleset_key) ON DELETE CASCADE
);
COMMENT ON TABLE ops.off_topic_trial IS
    'What rules that were tried (silkwire replay --ruleset) decide of each entry of ops.off_topic.';
COMMENT ON COLUMN ops.off_topic_trial.feed_key IS 'The feed, ops.feed.';
COMMENT ON COLUMN ops.off_topic_trial.identity_hash IS 'The entry, ops.off_topic.';
COMMENT ON COLUMN ops.off_topic_trial.ruleset_key IS 'The rules that were tried, core.dim_ruleset.';
COMMENT ON COLUMN ops.off_topic_trial.last_seen_at IS
    'That of the entry when it was judged; another now: its text may be another.';
COMMENT ON COLUMN ops.off_topic_trial.gained IS
    'The topics that it would be on, by name, each with its score and the words that decide.';
CREATE INDEX off_topic_trial_gained_idx ON ops.off_topic_trial (ruleset_key)
    WHERE gained <> '{}';
"""


def upgrade() -> None:
    op.execute(TRIAL)


def downgrade() -> None:
    op.execute("DROP TABLE ops.off_topic_trial")
