-- The languages of the newest articles; DISTINCT over all articles would take too long.
SELECT DISTINCT newest.language FROM (
    SELECT language FROM core.fact_article
    ORDER BY first_seen_at DESC LIMIT 2000
) AS newest
WHERE newest.language IS NOT NULL
ORDER BY newest.language
