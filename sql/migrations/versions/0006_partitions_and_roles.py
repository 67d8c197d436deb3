"""`ops.fetch` and `ops.expectation_result` by month; roles that may do what they need and no more.

Months are made by `ops.create_partitions`, which runs as the owner: the loader may not create
tables. The functions take times, not names, so there is nothing in them to inject.
"""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

FUNCTIONS = """
CREATE FUNCTION ops.create_partitions(from_at timestamptz, until_at timestamptz) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' AS $$
DECLARE
    parent text;
    month timestamptz;
    partition text;
    made_count integer := 0;
BEGIN
    FOREACH parent IN ARRAY ARRAY['fetch', 'expectation_result'] LOOP
        FOR month IN
            SELECT generate_series(
                date_trunc('month', from_at), date_trunc('month', until_at), '1 month')
        LOOP
            partition := format('%s_%s', parent, to_char(month, 'YYYY_MM'));
            CONTINUE WHEN to_regclass('ops.' || quote_ident(partition)) IS NOT NULL;
            -- Two loads may need the same month first: one makes it.
            PERFORM pg_advisory_xact_lock(hashtextextended('ops.create_partitions', 0));
            CONTINUE WHEN to_regclass('ops.' || quote_ident(partition)) IS NOT NULL;
            -- Attached, not created in place: writers of other months need not wait.
            EXECUTE format('CREATE TABLE ops.%I (LIKE ops.%I INCLUDING ALL EXCLUDING INDEXES
                EXCLUDING COMMENTS)', partition, parent);
            EXECUTE format('ALTER TABLE ops.%I ATTACH PARTITION ops.%I
                FOR VALUES FROM (%L) TO (%L)',
                parent, partition, month, month + interval '1 month');
            made_count := made_count + 1;
        END LOOP;
    END LOOP;
    RETURN made_count;
END
$$;
COMMENT ON FUNCTION ops.create_partitions IS
    'Make the months from one instant to another of ops.fetch and ops.expectation_result.';

-- The month that runs is never dropped. A reader in a long transaction is not waited for: those
-- who come after it would wait too.
CREATE FUNCTION ops.drop_partitions(before_at timestamptz) RETURNS SETOF text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET timezone = 'UTC'
SET lock_timeout = '3s' AS $$
DECLARE
    partition text;
    before timestamptz := least(before_at, date_trunc('month', now()));
BEGIN
    FOR partition IN
        SELECT child.relname
        FROM pg_inherits AS link
        INNER JOIN pg_class AS child ON child.oid = link.inhrelid
        WHERE link.inhparent IN ('ops.fetch'::regclass, 'ops.expectation_result'::regclass)
            AND child.relname ~ '_[0-9]{4,}_[0-9]{2}$'
            AND to_date(right(child.relname, 7), 'YYYY_MM') + interval '1 month' <= before
        ORDER BY child.relname
    LOOP
        EXECUTE format('DROP TABLE ops.%I', partition);
        RETURN NEXT partition;
    END LOOP;
END
$$;
COMMENT ON FUNCTION ops.drop_partitions IS
    'Drop the months of ops.fetch and ops.expectation_result that ended by then; return names.';

REVOKE EXECUTE ON FUNCTION ops.create_partitions, ops.drop_partitions FROM PUBLIC;
"""

MOVE = """
ALTER TABLE ops.{table} RENAME TO {table}_unparted;
ALTER TABLE ops.{table}_unparted DROP CONSTRAINT {table}_pk;
CREATE TABLE ops.{table} (
    LIKE ops.{table}_unparted INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING COMMENTS
) PARTITION BY RANGE ({column});
ALTER TABLE ops.{table} ADD CONSTRAINT {table}_pk PRIMARY KEY ({key});
"""

FETCH_INDEX = """
DROP INDEX ops.fetch_feed_idx;
CREATE INDEX fetch_feed_idx ON ops.fetch (feed_key, started_at);
COMMENT ON TABLE ops.fetch IS
    'Each attempt at a feed, with how it ended and where its bytes lie; a partition a month (UTC).';
COMMENT ON TABLE ops.expectation_result IS
    'Each expectation over each batch; a partition a month (UTC).';
"""

COPY = """
SELECT ops.create_partitions(min(at), max(at)) FROM (
    SELECT started_at AS at FROM ops.fetch_unparted
    UNION ALL SELECT run_at FROM ops.expectation_result_unparted
) AS moved HAVING count(*) > 0;
INSERT INTO ops.fetch SELECT * FROM ops.fetch_unparted;
INSERT INTO ops.expectation_result SELECT * FROM ops.expectation_result_unparted;
DROP TABLE ops.fetch_unparted, ops.expectation_result_unparted;
"""

ROLES = """
DO $roles$
DECLARE
    prefix text := CASE
        WHEN octet_length(current_database()) <= 56 THEN current_database()::text
        ELSE 'silkwire_' || md5(current_database())
    END;
    loader text := prefix || '_loader';
    reader text := prefix || '_reader';
BEGIN
    IF (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN
        REVOKE EXECUTE ON FUNCTION lo_create(oid), lo_creat(integer), lo_from_bytea(oid, bytea)
            FROM PUBLIC;
    END IF;
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = loader) THEN
        EXECUTE format('GRANT EXECUTE ON FUNCTION ops.create_partitions, ops.drop_partitions TO %I',
            loader);
        -- All that there is now; what later migrations add comes by the defaults below.
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA ops, core
            TO %I', loader);
        EXECUTE format('GRANT USAGE ON ALL SEQUENCES IN SCHEMA core, ops TO %I', loader);
        EXECUTE format('REVOKE ALL ON ops.alembic_version FROM %I', loader);
        EXECUTE format('GRANT SELECT ON ops.alembic_version TO %I', loader);
        EXECUTE format('ALTER DEFAULT PRIVILEGES IN SCHEMA core, ops
            GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO %I', loader);
        EXECUTE format('ALTER DEFAULT PRIVILEGES IN SCHEMA core, ops
            GRANT USAGE ON SEQUENCES TO %I', loader);
    END IF;
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = reader) THEN
        EXECUTE format('GRANT SELECT ON ops.fetch, ops.expectation_result TO %I', reader);
        EXECUTE format('GRANT SELECT ON ALL TABLES IN SCHEMA core TO %I', reader);
        EXECUTE format('ALTER DEFAULT PRIVILEGES IN SCHEMA core GRANT SELECT ON TABLES TO %I',
            reader);
    END IF;
END
$roles$;
"""

UNPART = """
CREATE TABLE ops.{table}_whole (
    LIKE ops.{table} INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING COMMENTS
);
INSERT INTO ops.{table}_whole SELECT * FROM ops.{table};
DROP TABLE ops.{table};
ALTER TABLE ops.{table}_whole RENAME TO {table};
ALTER TABLE ops.{table} ADD CONSTRAINT {table}_pk PRIMARY KEY ({key});
"""


def upgrade() -> None:
    """Move both tables, rows included, under a partitioned parent of the same name."""
    op.execute(FUNCTIONS)
    op.execute(
        MOVE.format(table="fetch", column="started_at", key="batch_id, feed_key, started_at")
    )
    op.execute(
        MOVE.format(
            table="expectation_result",
            column="run_at",
            key="batch_id, suite, expectation_number, run_at",
        )
    )
    op.execute(FETCH_INDEX)
    op.execute(COPY)
    op.execute(ROLES)


def downgrade() -> None:
    """Back to one table each, rows included."""
    for table, key in (
        ("fetch", "batch_id, feed_key, started_at"),
        ("expectation_result", "batch_id, suite, expectation_number, run_at"),
    ):
        op.execute(UNPART.format(table=table, key=key))
    op.execute("CREATE INDEX fetch_feed_idx ON ops.fetch (feed_key, started_at)")
    op.execute("DROP FUNCTION ops.create_partitions, ops.drop_partitions")
