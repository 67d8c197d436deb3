-- Whether a text has all the words, in any order and case. A word of up to three letters must be
-- a whole word (AI is not in "said" or "air"), a longer one the beginning of a word ("visa" is in
-- "visas"). Chinese and Japanese, which write no spaces, may be anywhere.
CREATE FUNCTION mart.has_words(searched text, words text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (
    SELECT
        coalesce(
            bool_and(
                strpos(
                    found.spaced,
                    CASE
                        WHEN word.word ~ '^[\u2e80-\U0003ffff]' THEN word.word
                        WHEN length(word.word) <= 3 THEN ' ' || word.word || ' '
                        ELSE ' ' || word.word
                    END
                ) > 0
            ),
            TRUE
        )
    FROM (SELECT mart.spaced_words(searched) AS spaced) AS found
    CROSS JOIN
        LATERAL string_to_table(mart.spaced_words(words), ' ') AS word (word) -- noqa: RF02
    WHERE word.word <> ''
);
