-- name: begin
-- What the user made outside our schemas is noted. A backup may be older than the tables that are
-- there, so it cannot name all that has to go.
CREATE TEMPORARY TABLE silkwire_users_own ON COMMIT DROP AS
SELECT format('%I.%I', namespace.nspname, class.relname) AS name
FROM pg_class AS class
INNER JOIN pg_namespace AS namespace ON class.relnamespace = namespace.oid
WHERE
    class.relkind IN ('r', 'p', 'v', 'm', 'f')
    AND namespace.nspname NOT IN ('ops', 'core', 'mart', 'information_schema')
    AND namespace.nspname NOT LIKE 'pg\_%';
DROP SCHEMA IF EXISTS mart CASCADE;
DROP SCHEMA IF EXISTS core CASCADE;
DROP SCHEMA IF EXISTS ops CASCADE;

-- name: end
DO $check$
DECLARE
    lost text := (
        SELECT string_agg(name, ', ') FROM pg_temp.silkwire_users_own WHERE to_regclass(name) IS NULL
    );
BEGIN
    IF lost IS NOT NULL THEN
        RAISE EXCEPTION 'your own % would be lost: it reads the warehouse, and the backup does not'
            ' have it. Keep its definition, drop it, and restore again', lost;
    END IF;
END
$check$;
