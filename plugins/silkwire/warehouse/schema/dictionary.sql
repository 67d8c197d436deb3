-- The statements of `dictionary.py`, by name.

-- name: columns
-- The columns of every table and view of mart, core and ops, with their comments.
SELECT
    namespace.nspname AS schema_name,
    relation.relname AS relation_name,
    relation.relkind = 'v' AS is_view,
    obj_description(relation.oid, 'pg_class') AS relation_comment,
    attribute.attname AS column_name,
    format_type(attribute.atttypid, attribute.atttypmod) AS column_type,
    attribute.attnotnull AS is_required,
    col_description(relation.oid, attribute.attnum) AS column_comment
FROM pg_class AS relation
INNER JOIN pg_namespace AS namespace ON relation.relnamespace = namespace.oid
INNER JOIN pg_attribute AS attribute ON relation.oid = attribute.attrelid
WHERE
    namespace.nspname IN ('mart', 'core', 'ops')
    AND relation.relkind IN ('r', 'v', 'p')
    AND NOT relation.relispartition
    AND relation.relname <> 'alembic_version'
    AND attribute.attnum > 0
    AND NOT attribute.attisdropped
ORDER BY
    array_position(ARRAY['mart', 'core', 'ops'], namespace.nspname::text),
    relation.relname,
    attribute.attnum;

-- name: functions
-- The functions of mart, with their comments.
SELECT
    function.proname AS function_name,
    pg_get_function_arguments(function.oid) AS arguments,
    pg_get_function_result(function.oid) AS result,
    obj_description(function.oid, 'pg_proc') AS function_comment
FROM pg_proc AS function
WHERE function.pronamespace = 'mart'::regnamespace
ORDER BY function.proname;
