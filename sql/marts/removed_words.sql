-- The stretches of words that text_before has and text_after has not, in order.
CREATE FUNCTION mart.removed_words(text_before text, text_after text) RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN text_before IS NOT DISTINCT FROM text_after THEN '{}'::text[] ELSE (
    SELECT coalesce(array_agg(stretch.words ORDER BY stretch.turn), '{}')
    FROM mart.diff_words(text_before, text_after) AS stretch -- noqa: RF03
    WHERE stretch.kind = 'removed'
) END;
