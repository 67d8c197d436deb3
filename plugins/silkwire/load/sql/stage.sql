-- The tables that COPY fills. They are temporary, so two loads never mix and a killed one leaves
-- nothing.
CREATE TEMPORARY TABLE stage_document (
    feed_key bigint PRIMARY KEY,
    fetched_at timestamptz NOT NULL,
    archive_file text,
    archive_offset bigint,
    lost_count integer NOT NULL
) ON COMMIT DROP;

CREATE TEMPORARY TABLE stage_entry (
    entry_number bigint PRIMARY KEY,
    feed_key bigint NOT NULL,
    fetched_at timestamptz NOT NULL,
    position integer NOT NULL,
    copy_count integer NOT NULL,
    identity_kind text NOT NULL,
    identity_hash bytea NOT NULL,
    coarser_hashes bytea[] NOT NULL,
    text_hash bytea NOT NULL,
    guid text,
    link text,
    canonical_url text,
    title text,
    summary text,
    body text,
    summary_html text,
    body_html text,
    authors text[] NOT NULL,
    categories text[] NOT NULL,
    published_at timestamptz,
    published_precision text,
    published_source text,
    published_raw text,
    language text,
    language_confidence real,
    image_url text,
    problems text[] NOT NULL,
    is_on_topic boolean NOT NULL,
    scores jsonb,
    is_failed boolean NOT NULL,
    payload bytea
) ON COMMIT DROP;

CREATE TEMPORARY TABLE stage_reason (
    entry_number bigint NOT NULL,
    reason_number integer NOT NULL,
    expectation text NOT NULL,
    column_name text,
    value text,
    rule text NOT NULL
) ON COMMIT DROP;
