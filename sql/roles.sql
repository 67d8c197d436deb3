-- Who may do what: the loader and the reader of this database, and nobody else. It is applied after
-- every upgrade and every restore, and holds for whichever tables and functions exist. A role that
-- is missing is created if this user may create roles; otherwise it is left to the administrator.
DO $roles$
DECLARE
    -- A name of more than 63 bytes would be cut, and both be one.
    prefix text := CASE
        WHEN octet_length(current_database()) <= 56 THEN current_database()::text
        ELSE 'silkwire_' || md5(current_database())
    END;
    loader text := prefix || '_loader';
    reader text := prefix || '_reader';
    may_create boolean := (
        SELECT rolcreaterole OR rolsuper FROM pg_roles WHERE rolname = current_user
    );
    is_owner boolean := (
        SELECT pg_has_role(datdba, 'MEMBER') FROM pg_database WHERE datname = current_database()
    );
    name text;
BEGIN
    PERFORM set_config('client_min_messages', 'error', true);
    FOREACH name IN ARRAY ARRAY[loader, reader] LOOP
        IF may_create AND NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) THEN
            EXECUTE format('CREATE ROLE %I LOGIN', name);
        END IF;
    END LOOP;

    IF (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN
        REVOKE EXECUTE ON FUNCTION lo_create(oid), lo_creat(integer), lo_from_bytea(oid, bytea)
            FROM PUBLIC;
    END IF;
    IF is_owner AND EXISTS (SELECT FROM pg_roles WHERE rolname IN (loader, reader)) THEN
        EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
    END IF;
    REVOKE ALL ON SCHEMA public FROM PUBLIC;
    -- These run with the owner's rights.
    FOR name IN
        SELECT oid::regprocedure::text FROM pg_proc
        WHERE prosecdef AND pronamespace IN ('ops'::regnamespace, 'core'::regnamespace)
    LOOP
        EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', name);
    END LOOP;

    IF EXISTS (SELECT FROM pg_roles WHERE rolname = loader) THEN
        IF is_owner THEN
            EXECUTE format('GRANT CONNECT, TEMPORARY ON DATABASE %I TO %I',
                current_database(), loader);
        END IF;
        EXECUTE format('GRANT USAGE ON SCHEMA ops, core, mart TO %I', loader);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA ops, core
            TO %I', loader);
        EXECUTE format('REVOKE INSERT, UPDATE, DELETE ON ops.alembic_version FROM %I', loader);
        EXECUTE format('GRANT SELECT ON ALL TABLES IN SCHEMA mart TO %I', loader);
        EXECUTE format('GRANT USAGE ON ALL SEQUENCES IN SCHEMA ops, core TO %I', loader);
        FOR name IN
            SELECT oid::regprocedure::text FROM pg_proc
            WHERE pronamespace = 'ops'::regnamespace
                AND proname IN ('create_partitions', 'drop_partitions')
        LOOP
            EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO %I', name, loader);
        END LOOP;
        -- What this owner creates later, such as a month of ops.fetch:
        EXECUTE format('ALTER DEFAULT PRIVILEGES IN SCHEMA ops, core
            GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO %I', loader);
        EXECUTE format('ALTER DEFAULT PRIVILEGES IN SCHEMA ops, core
            GRANT USAGE ON SEQUENCES TO %I', loader);
        EXECUTE format('ALTER DEFAULT PRIVILEGES IN SCHEMA mart
            GRANT SELECT ON TABLES TO %I', loader);
    END IF;

    IF EXISTS (SELECT FROM pg_roles WHERE rolname = reader) THEN
        IF is_owner THEN
            EXECUTE format('GRANT CONNECT ON DATABASE %I TO %I', current_database(), reader);
        END IF;
        EXECUTE format('GRANT USAGE ON SCHEMA ops, core, mart TO %I', reader);
        EXECUTE format('GRANT SELECT ON ALL TABLES IN SCHEMA core, mart TO %I', reader);
        -- Of ops, what is about batches, feeds and records: no secrets and no addresses.
        FOR name IN
            SELECT oid::regclass::text FROM pg_class
            WHERE relnamespace = 'ops'::regnamespace AND relname IN (
                'batch', 'feed', 'fetch', 'quarantine', 'quarantine_reason', 'off_topic',
                'expectation_result'
            )
        LOOP
            EXECUTE format('GRANT SELECT ON %s TO %I', name, reader);
        END LOOP;
        EXECUTE format('ALTER DEFAULT PRIVILEGES IN SCHEMA core, mart
            GRANT SELECT ON TABLES TO %I', reader);
        BEGIN
            -- A transaction that a reader forgot keeps old rows and old months alive.
            EXECUTE format('ALTER ROLE %I IN DATABASE %I
                SET idle_in_transaction_session_timeout = %L', reader, current_database(), '15min');
        EXCEPTION WHEN insufficient_privilege THEN
            NULL;  -- an administrator made the role, who may set this
        END;
    END IF;
END
$roles$;
