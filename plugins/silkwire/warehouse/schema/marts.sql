-- The statement of `marts.py`.

-- name: found
SELECT
    relname::text AS name,
    format('VIEW %s', oid::regclass) AS object
FROM pg_catalog.pg_class
WHERE relkind = 'v' AND relnamespace = to_regnamespace('mart') AND relname = any(:names)
UNION ALL
SELECT
    proname::text,
    format('FUNCTION %s', oid::regprocedure)
FROM pg_catalog.pg_proc
WHERE pronamespace = to_regnamespace('mart') AND proname = any(:names);
