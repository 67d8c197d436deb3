-- The newest 50 edits of an article.
SELECT * FROM mart.article_edits
WHERE article_key = :key
ORDER BY edited_at DESC, revision_key DESC LIMIT 50
