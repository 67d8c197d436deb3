-- How one text became another: stretches of words that were kept, removed and added, in order.
-- A word ends at a space or at punctuation; in Chinese and Japanese, which write no spaces, each
-- character is a word. A change of white space is ignored, a change of case is not.
-- The common beginning and end are set aside, then the shortest difference is found by Myers (An
-- O(ND) Difference Algorithm, 1986). If more than 500 words differ, all of the middle counts as
-- replaced, which bounds the time.
-- Character ranges are spelt out, so the result does not depend on the locale of the database.
CREATE FUNCTION mart.diff_words(text_before text, text_after text)
RETURNS TABLE (turn integer, kind text, words text, is_after_space boolean)
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $function$
#variable_conflict use_column
DECLARE
    most CONSTANT integer := 500;
    space CONSTANT text := '\s\u00a0\u2000-\u200b\u202f\u3000\ufeff';
    letter CONSTANT text := '[^' || space || '!-/:-@\[-`{-~\u00a1-\u00bf\u2000-\u206f'
        || '\u2e80-\ua4cf\uf900-\ufaff\ufe30-\uff65\U00020000-\U0003ffff]';
    pattern CONSTANT text := '([' || space || ']*)'
        || '(' || letter || '+(?:[.,''’-]' || letter || '+)*|[^' || space || '])';
    a integer[];        -- the words of the text before, as numbers
    a_start integer[];  -- where each begins, from 1
    a_end integer[];
    a_space boolean[];  -- whether white space precedes it
    b integer[];
    b_start integer[];
    b_end integer[];
    b_space boolean[];
    n integer;
    m integer;
    head integer := 0;  -- how many words are common at the beginning, and at the end
    tail integer := 0;
    reach integer[];    -- how far diagonal k came with d changes, at d(d + 1)/2 + (k + d)/2 + 1
    x integer;
    y integer;
    k integer;
    d integer;
    before_k integer;   -- index in reach of diagonal k - 1 with d - 1 changes; k + 1 is the next
    removed boolean[];
    added boolean[];
    from_x integer;
    from_y integer;
BEGIN
    text_before := coalesce(text_before, '');
    text_after := coalesce(text_after, '');
    turn := 0;
    IF text_before = text_after AND text_after = '' THEN
        RETURN;
    END IF;

    WITH word AS MATERIALIZED (
        SELECT
            side.number AS side,
            found.turn,
            found.part[1] <> '' AS has_space,
            found.part[2] COLLATE "C" AS word,
            sum(length(found.part[1]) + length(found.part[2]))
                OVER (PARTITION BY side.number ORDER BY found.turn) AS ends
        FROM (VALUES (1, text_before), (2, text_after)) AS side (number, content)
        CROSS JOIN LATERAL regexp_matches(side.content, pattern, 'g')
            WITH ORDINALITY AS found (part, turn)
    ),
    numbered AS (
        SELECT word.*, dense_rank() OVER (ORDER BY word.word) AS number FROM word
    )
    SELECT
        array_agg(number ORDER BY turn) FILTER (WHERE side = 1),
        array_agg(ends - length(word) + 1 ORDER BY turn) FILTER (WHERE side = 1),
        array_agg(ends ORDER BY turn) FILTER (WHERE side = 1),
        array_agg(has_space ORDER BY turn) FILTER (WHERE side = 1),
        array_agg(number ORDER BY turn) FILTER (WHERE side = 2),
        array_agg(ends - length(word) + 1 ORDER BY turn) FILTER (WHERE side = 2),
        array_agg(ends ORDER BY turn) FILTER (WHERE side = 2),
        array_agg(has_space ORDER BY turn) FILTER (WHERE side = 2)
    INTO a, a_start, a_end, a_space, b, b_start, b_end, b_space
    FROM numbered;

    n := coalesce(cardinality(a), 0);
    m := coalesce(cardinality(b), 0);
    WHILE head < least(n, m) AND a[head + 1] = b[head + 1] LOOP
        head := head + 1;
    END LOOP;
    WHILE tail < least(n, m) - head AND a[n - tail] = b[m - tail] LOOP
        tail := tail + 1;
    END LOOP;
    removed := array_fill(false, ARRAY[n]);
    added := array_fill(false, ARRAY[m]);

    <<search>>
    FOR changes IN 0 .. most LOOP
        d := changes;
        k := -d;
        WHILE k <= d LOOP
            IF d = 0 THEN
                x := head;
            ELSE
                before_k := d * (d - 1) / 2 + (k + d) / 2;
                IF k = -d OR (k <> d AND reach[before_k] < reach[before_k + 1]) THEN
                    x := reach[before_k + 1];
                ELSE
                    x := reach[before_k] + 1;
                END IF;
            END IF;
            y := x - k;
            WHILE x < n - tail AND y < m - tail AND a[x + 1] = b[y + 1] LOOP
                x := x + 1;
                y := y + 1;
            END LOOP;
            reach[d * (d + 1) / 2 + (k + d) / 2 + 1] := x;
            EXIT search WHEN x >= n - tail AND y >= m - tail;
            k := k + 2;
        END LOOP;
        d := NULL;
    END LOOP;

    IF d IS NULL THEN
        FOR i IN head + 1 .. n - tail LOOP
            removed[i] := true;
        END LOOP;
        FOR i IN head + 1 .. m - tail LOOP
            added[i] := true;
        END LOOP;
    ELSE
        WHILE d > 0 LOOP
            -- the path with d changes ends on diagonal k: step back over its last change
            before_k := d * (d - 1) / 2 + (k + d) / 2;
            IF k = -d OR (k <> d AND reach[before_k] < reach[before_k + 1]) THEN
                added[reach[before_k + 1] - k] := true;
                k := k + 1;
            ELSE
                removed[reach[before_k] + 1] := true;
                k := k - 1;
            END IF;
            d := d - 1;
        END LOOP;
    END IF;

    x := 1;
    y := 1;
    WHILE x <= n OR y <= m LOOP
        from_x := x;
        from_y := y;
        WHILE x <= n AND y <= m AND NOT removed[x] AND NOT added[y] LOOP
            x := x + 1;
            y := y + 1;
        END LOOP;
        IF y > from_y THEN
            turn := turn + 1;
            kind := 'kept';
            words := substr(text_after, b_start[from_y], b_end[y - 1] - b_start[from_y] + 1);
            is_after_space := b_space[from_y];
            RETURN NEXT;
        END IF;
        from_x := x;
        from_y := y;
        WHILE x <= n AND removed[x] LOOP
            x := x + 1;
        END LOOP;
        WHILE y <= m AND added[y] LOOP
            y := y + 1;
        END LOOP;
        IF x > from_x THEN
            turn := turn + 1;
            kind := 'removed';
            words := substr(text_before, a_start[from_x], a_end[x - 1] - a_start[from_x] + 1);
            is_after_space := a_space[from_x];
            RETURN NEXT;
        END IF;
        IF y > from_y THEN
            turn := turn + 1;
            kind := 'added';
            words := substr(text_after, b_start[from_y], b_end[y - 1] - b_start[from_y] + 1);
            is_after_space := b_space[from_y];
            RETURN NEXT;
        END IF;
    END LOOP;
END
$function$;
