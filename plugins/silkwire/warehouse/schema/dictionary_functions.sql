-- The functions of mart, with their comments.
SELECT
    function.proname AS function_name,
    pg_get_function_arguments(function.oid) AS arguments,
    pg_get_function_result(function.oid) AS result,
    obj_description(function.oid, 'pg_proc') AS function_comment
FROM pg_proc AS function
WHERE function.pronamespace = 'mart'::regnamespace
ORDER BY function.proname
