-- The statement of `refresh.py`.

-- name: changed
SELECT format('%I.%I', schemaname, relname) AS table_name
FROM pg_stat_user_tables
WHERE schemaname IN ('core', 'ops') AND n_mod_since_analyze > 0.01 * n_live_tup
ORDER BY table_name;
