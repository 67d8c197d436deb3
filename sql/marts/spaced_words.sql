-- A text as mart.has_words searches it: in lower case, with one space for each stretch of
-- punctuation and white space, one around each stretch of Chinese or Japanese, and one at each end.
CREATE FUNCTION mart.spaced_words(words text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN regexp_replace(
    ' ' || regexp_replace(
        lower(coalesce(words, '')), '([\u2e80-\U0003ffff]+)', ' \1 ', 'g'
    ) || ' ',
    '[\s!-/:-@\[-`{-~\u00a0-\u00bf\u2000-\u206f\u3000-\u303f\uff01-\uff0f\uff1a-\uff20]+',
    ' ',
    'g'
);
