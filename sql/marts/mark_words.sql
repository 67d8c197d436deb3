-- text_after with its changes from text_before marked: [-removed words-] and {+added words+}.
CREATE FUNCTION mart.mark_words(text_before text, text_after text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (
    SELECT
        coalesce(
            string_agg(
                CASE WHEN stretch.is_after_space AND stretch.turn > 1 THEN ' ' ELSE '' END
                || CASE stretch.kind
                    WHEN 'removed' THEN '[-' || stretch.words || '-]'
                    WHEN 'added' THEN '{+' || stretch.words || '+}'
                    ELSE stretch.words
                END,
                '' ORDER BY stretch.turn
            ),
            ''
        )
    FROM mart.diff_words(text_before, text_after) AS stretch -- noqa: RF03
);
