-- The statements of `migrate.py`, by name.

-- name: applied
SELECT obj_description(oid, 'pg_class') FROM pg_catalog.pg_class
WHERE relname = 'alembic_version' AND relnamespace = to_regnamespace('ops');

-- name: is_empty
SELECT count(*) = 0 FROM pg_catalog.pg_class
WHERE relnamespace IN (to_regnamespace('ops'), to_regnamespace('core'), to_regnamespace('mart'));
