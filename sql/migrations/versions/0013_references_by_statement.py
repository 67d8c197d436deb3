"""Decisions and their spans are checked once a statement, not row by row.

Four of five rows that a load writes are these, and their foreign keys were a seventh of its time.
What the foreign keys promised stays: what is referred to is there, and takes its own with it. And a
text that is deleted is looked for where articles show it, which read all of them for each.
"""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

# The triggers of 0012 keep the function under its new name. A table that just grew has no
# statistics yet, and would be read whole.
CHECK = """
ALTER FUNCTION core.check_dimension RENAME TO check_reference;
CREATE OR REPLACE FUNCTION core.check_reference() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET enable_seqscan = off
AS $$
DECLARE
    wanted bigint[];
    found bigint;
    missing bigint;
BEGIN
    EXECUTE format('SELECT array_agg(DISTINCT %I) FROM changed', TG_ARGV[0]) INTO wanted;
    -- What this transaction wrote nobody else can see, so nobody can delete it meanwhile.
    EXECUTE format(
        'SELECT count(*) FROM core.%2$I WHERE %1$I = ANY($1) AND xmin = $2', TG_ARGV[0], TG_ARGV[1]
    ) INTO found USING wanted, pg_current_xact_id()::xid;
    IF found < cardinality(wanted) THEN
        -- Locked as by a foreign key: who deletes one of them now waits, then finds these rows.
        EXECUTE format(
            'WITH locked AS ('
            '  SELECT FROM core.%2$I WHERE %1$I = ANY($1) AND xmin <> $2 FOR KEY SHARE'
            ' ) SELECT $3 + count(*) FROM locked',
            TG_ARGV[0], TG_ARGV[1]
        ) INTO found USING wanted, pg_current_xact_id()::xid, found;
    END IF;
    IF found < cardinality(wanted) THEN
        EXECUTE format(
            'SELECT min(key) FROM unnest($1) AS named (key)'
            ' WHERE key NOT IN (SELECT %1$I FROM core.%2$I WHERE %1$I = ANY($1))',
            TG_ARGV[0], TG_ARGV[1]
        ) INTO missing USING wanted;
        RAISE foreign_key_violation USING
            MESSAGE = format(
                '%s of core.%s is %s, which is not in core.%s',
                TG_ARGV[0], TG_TABLE_NAME, missing, TG_ARGV[1]
            ),
            CONSTRAINT = TG_NAME, SCHEMA = 'core', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION core.check_reference IS
    'Refuses rows whose column (first argument) names nothing in a table (second).';

CREATE FUNCTION core.delete_owned() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF TG_OP = 'TRUNCATE' THEN
        EXECUTE format('DELETE FROM core.%I', TG_ARGV[1]);
    ELSE
        EXECUTE format(
            'DELETE FROM core.%2$I WHERE %1$I IN (SELECT %1$I FROM removed)', TG_ARGV[0], TG_ARGV[1]
        );
    END IF;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION core.delete_owned IS
    'Deletes the rows of a table (second argument) that name what is gone (first, a key).';
REVOKE EXECUTE ON FUNCTION core.delete_owned FROM PUBLIC;
"""

BY_STATEMENT = """
CREATE TRIGGER {fact}_{name}_inserted AFTER INSERT ON core.{fact}
    REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION core.check_reference ('{name}_key', '{target}');
CREATE TRIGGER {fact}_{name}_updated AFTER UPDATE ON core.{fact}
    REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION core.check_reference ('{name}_key', '{target}');
CREATE TRIGGER {fact}_{name}_deleted AFTER DELETE ON core.{target}
    REFERENCING OLD TABLE AS removed
    FOR EACH STATEMENT EXECUTE FUNCTION core.delete_owned ('{name}_key', '{fact}');
CREATE TRIGGER {fact}_{name}_truncated AFTER TRUNCATE ON core.{target}
    FOR EACH STATEMENT EXECUTE FUNCTION core.delete_owned ('{name}_key', '{fact}');
ALTER TABLE core.{fact} DROP CONSTRAINT {fact}_{name}_fk;
"""
BY_ROW = """
ALTER TABLE core.{fact} ADD CONSTRAINT {fact}_{name}_fk
    FOREIGN KEY ({name}_key) REFERENCES core.{target} ({name}_key) ON DELETE CASCADE;
DROP TRIGGER {fact}_{name}_inserted ON core.{fact};
DROP TRIGGER {fact}_{name}_updated ON core.{fact};
DROP TRIGGER {fact}_{name}_deleted ON core.{target};
DROP TRIGGER {fact}_{name}_truncated ON core.{target};
"""
REFERENCES = (
    {"fact": "fact_topic_match", "name": "revision", "target": "article_revision"},
    {"fact": "topic_evidence", "name": "match", "target": "fact_topic_match"},
)

SHOWN = "CREATE INDEX fact_article_current_idx ON core.fact_article (current_revision_key)"

# The body stays: for dimensions both refuse and lock the same.
NAMED_BEFORE = """
DROP FUNCTION core.delete_owned;
ALTER FUNCTION core.check_reference RENAME TO check_dimension;
"""


def upgrade() -> None:
    op.execute(CHECK)
    for reference in REFERENCES:
        op.execute(BY_STATEMENT.format(**reference))
    op.execute(SHOWN)


def downgrade() -> None:
    op.execute("DROP INDEX core.fact_article_current_idx")
    for reference in REFERENCES:
        op.execute(BY_ROW.format(**reference))
    op.execute(NAMED_BEFORE)
