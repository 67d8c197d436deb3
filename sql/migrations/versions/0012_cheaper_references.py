"""References of the facts that cost a load less and promise more.

PostgreSQL checks a foreign key row by row; these checks were half the time of a load. A dimension
of a few rows is checked once a statement instead, and a sighting's two keys are one.
"""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

# Both run as the owner: a row is locked as a foreign key locks it, which a writer of facts alone
# may not do.
FUNCTIONS = """
CREATE FUNCTION core.check_dimension() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    missing bigint;
BEGIN
    -- Locked as by a foreign key: who deletes one of them now waits, then finds these rows.
    EXECUTE format(
        'WITH wanted AS (SELECT DISTINCT %1$I AS key FROM changed),'
        ' found AS ('
        '  SELECT %1$I AS key FROM core.%2$I WHERE %1$I IN (SELECT key FROM wanted) FOR KEY SHARE'
        ' ) SELECT min(key) FROM wanted WHERE key NOT IN (SELECT key FROM found)',
        TG_ARGV[0], TG_ARGV[1]
    ) INTO missing;
    IF missing IS NOT NULL THEN
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
COMMENT ON FUNCTION core.check_dimension IS
    'Refuses rows whose column (first argument) names nothing in a dimension (second).';

CREATE FUNCTION core.check_unused() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    is_used boolean;
BEGIN
    EXECUTE format(
        'SELECT EXISTS (SELECT FROM core.%1$I WHERE %2$I = ($1).%2$I)', TG_ARGV[1], TG_ARGV[0]
    ) INTO is_used USING OLD;
    IF is_used THEN
        RAISE foreign_key_violation USING
            MESSAGE = format('core.%s has rows of this %s', TG_ARGV[1], TG_ARGV[0]),
            CONSTRAINT = TG_NAME, SCHEMA = 'core', TABLE = TG_TABLE_NAME;
    END IF;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION core.check_unused IS
    'Refuses to delete a row whose key (first argument) a fact (second) names.';
REVOKE EXECUTE ON FUNCTION core.check_dimension, core.check_unused FROM PUBLIC;
"""

# The keys of dimensions never change: they are GENERATED ALWAYS.
CHECKED = """
CREATE TRIGGER {fact}_{name}_inserted AFTER INSERT ON core.{fact}
    REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION core.check_dimension ('{name}_key', 'dim_{name}');
CREATE TRIGGER {fact}_{name}_updated AFTER UPDATE ON core.{fact}
    REFERENCING NEW TABLE AS changed
    FOR EACH STATEMENT EXECUTE FUNCTION core.check_dimension ('{name}_key', 'dim_{name}');
CREATE TRIGGER {fact}_{name}_deleted AFTER DELETE ON core.dim_{name}
    FOR EACH ROW EXECUTE FUNCTION core.check_unused ('{name}_key', '{fact}');
ALTER TABLE core.{fact} DROP CONSTRAINT {fact}_{name}_fk;
"""
UNCHECKED = """
ALTER TABLE core.{fact} ADD CONSTRAINT {fact}_{name}_fk
    FOREIGN KEY ({name}_key) REFERENCES core.dim_{name} ({name}_key);
DROP TRIGGER {fact}_{name}_inserted ON core.{fact};
DROP TRIGGER {fact}_{name}_updated ON core.{fact};
DROP TRIGGER {fact}_{name}_deleted ON core.dim_{name};
"""
REFERENCES = (
    ("fact_article", "outlet"),
    ("fact_topic_match", "topic"),
    ("fact_topic_match", "ruleset"),
)

# The text that a feed shows of an article is one of that article.
SIGHTING = """
ALTER TABLE core.article_revision
    ADD CONSTRAINT article_revision_article_unique UNIQUE (revision_key, article_key);
ALTER TABLE core.fact_sighting
    DROP CONSTRAINT fact_sighting_article_fk,
    DROP CONSTRAINT fact_sighting_revision_fk,
    ADD CONSTRAINT fact_sighting_revision_fk FOREIGN KEY (revision_key, article_key)
        REFERENCES core.article_revision (revision_key, article_key) ON DELETE CASCADE;
"""
TWO_KEYS = """
ALTER TABLE core.fact_sighting
    DROP CONSTRAINT fact_sighting_revision_fk,
    ADD CONSTRAINT fact_sighting_article_fk FOREIGN KEY (article_key)
        REFERENCES core.fact_article (article_key) ON DELETE CASCADE,
    ADD CONSTRAINT fact_sighting_revision_fk FOREIGN KEY (revision_key)
        REFERENCES core.article_revision (revision_key);
ALTER TABLE core.article_revision DROP CONSTRAINT article_revision_article_unique;
"""

# Every load took two of its 32,767 keys, for topics that were there.
TOPIC_KEYS = """
SELECT setval('core.dim_topic_topic_key_seq', max(topic_key)) FROM core.dim_topic
"""


def upgrade() -> None:
    op.execute(FUNCTIONS)
    for fact, name in REFERENCES:
        op.execute(CHECKED.format(fact=fact, name=name))
    op.execute(SIGHTING)
    op.execute(TOPIC_KEYS)


def downgrade() -> None:
    op.execute(TWO_KEYS)
    for fact, name in REFERENCES:
        op.execute(UNCHECKED.format(fact=fact, name=name))
    op.execute("DROP FUNCTION core.check_dimension, core.check_unused")
