-- Spans of the last seven days, and what the text holds at their places.
SELECT
    evidence.match_key,
    evidence.text,
    substr(
        CASE evidence.field
            WHEN 'title' THEN revision.title
            WHEN 'summary' THEN revision.summary
            WHEN 'body' THEN revision.body
        END,
        evidence.start_offset + 1,
        evidence.end_offset - evidence.start_offset
    ) AS found_text
FROM core.article_revision AS revision
INNER JOIN core.fact_topic_match AS decision ON revision.revision_key = decision.revision_key
INNER JOIN core.topic_evidence AS evidence ON decision.match_key = evidence.match_key
WHERE revision.loaded_at >= :now - interval '7 days'
