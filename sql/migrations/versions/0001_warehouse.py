"""The warehouse from zero: schemas ops, core and mart, their tables and roles."""

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

OPS = """
CREATE TABLE ops.batch (
    batch_id text CONSTRAINT batch_pk PRIMARY KEY,
    trigger text NOT NULL,
    is_listed_feeds boolean NOT NULL DEFAULT true,
    started_at timestamptz NOT NULL,
    finished_at timestamptz,
    lease_expires_at timestamptz NOT NULL,
    attempt_count integer NOT NULL DEFAULT 1,
    state text NOT NULL DEFAULT 'running',
    verdict text,
    verdict_reason text,
    reviewer text,
    decided_at timestamptz,
    step_reports jsonb NOT NULL DEFAULT '{}',
    fetched_count integer NOT NULL DEFAULT 0,
    accepted_count integer NOT NULL DEFAULT 0,
    unchanged_count integer NOT NULL DEFAULT 0,
    off_topic_count integer NOT NULL DEFAULT 0,
    quarantined_count integer NOT NULL DEFAULT 0,
    inserted_count integer NOT NULL DEFAULT 0,
    revised_count integer NOT NULL DEFAULT 0,
    variant_count integer NOT NULL DEFAULT 0,
    CONSTRAINT batch_state_known CHECK (state IN ('running', 'done', 'abandoned')),
    CONSTRAINT batch_verdict_known
        CHECK (verdict IN ('published', 'held', 'released', 'rejected')),
    CONSTRAINT batch_done_has_verdict CHECK ((state = 'done') = (verdict IS NOT NULL)),
    CONSTRAINT batch_decision_signed CHECK (
        (verdict IN ('released', 'rejected')) = (decided_at IS NOT NULL)
        OR verdict IS NULL
    ),
    CONSTRAINT batch_nothing_lost CHECK (
        state <> 'done' OR fetched_count
            = accepted_count + unchanged_count + off_topic_count + quarantined_count
    ),
    CONSTRAINT batch_accepted_adds_up CHECK (
        state <> 'done' OR accepted_count = inserted_count + revised_count + variant_count
    )
);
CREATE INDEX batch_running_idx ON ops.batch (lease_expires_at) WHERE state = 'running';
CREATE INDEX batch_started_idx ON ops.batch (started_at);
COMMENT ON TABLE ops.batch IS
    'A run of the five steps. Its CHECK is promise 1: every fetched entry is counted once.';

CREATE TABLE ops.feed (
    feed_key bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT feed_pk PRIMARY KEY,
    feed_url text NOT NULL,
    fetch_url text NOT NULL,
    title text,
    homepage_url text,
    outlet text,
    language text,
    tags text[] NOT NULL DEFAULT '{}',
    topics text[] NOT NULL DEFAULT '{}',
    state text NOT NULL DEFAULT 'healthy',
    paused_reason text,
    etag text,
    last_modified text,
    body_hash bytea,
    fixed_interval interval,
    poll_interval interval NOT NULL DEFAULT '1 hour',
    next_due_at timestamptz NOT NULL,
    leased_by_batch_id text,
    failure_count integer NOT NULL DEFAULT 0,
    last_error_class text,
    last_error text,
    last_fetched_at timestamptz,
    last_success_at timestamptz,
    last_new_entry_at timestamptz,
    moved_to_url text,
    moved_count integer NOT NULL DEFAULT 0,
    redirect_history jsonb NOT NULL DEFAULT '[]',
    suggested_feed_url text,
    urls_repeat boolean NOT NULL DEFAULT false,
    guids_repeat boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL,
    CONSTRAINT feed_url_unique UNIQUE (feed_url),
    CONSTRAINT feed_state_known CHECK (state IN ('healthy', 'failing', 'gone', 'paused')),
    CONSTRAINT feed_lease_fk FOREIGN KEY (leased_by_batch_id) REFERENCES ops.batch (batch_id)
);
CREATE INDEX feed_due_idx ON ops.feed (next_due_at)
    WHERE state <> 'paused' AND leased_by_batch_id IS NULL;
CREATE INDEX feed_lease_idx ON ops.feed (leased_by_batch_id)
    WHERE leased_by_batch_id IS NOT NULL;
COMMENT ON TABLE ops.feed IS
    'The state of each feed that is or was listed in the OPML; keyed by its xmlUrl as listed.';

CREATE TABLE ops.feed_secret (
    feed_key bigint CONSTRAINT feed_secret_pk PRIMARY KEY,
    credential text NOT NULL,
    CONSTRAINT feed_secret_feed_fk FOREIGN KEY (feed_key) REFERENCES ops.feed (feed_key)
);
COMMENT ON TABLE ops.feed_secret IS
    'user:password of feeds whose listed url carries one; for the loader only.';

CREATE TABLE ops.fetch (
    batch_id text NOT NULL,
    feed_key bigint NOT NULL,
    started_at timestamptz NOT NULL,
    fetch_url text NOT NULL,
    final_url text,
    outcome text NOT NULL,
    http_status integer,
    error_class text,
    error text,
    content_type text,
    wire_bytes bigint NOT NULL,
    body_bytes bigint NOT NULL,
    fetch_ms integer NOT NULL,
    body_hash bytea,
    archive_file text,
    archive_offset bigint,
    feed_format text,
    encoding text,
    encoding_evidence text,
    is_entries_lost boolean NOT NULL DEFAULT false,
    fetched_count integer NOT NULL DEFAULT 0,
    accepted_count integer NOT NULL DEFAULT 0,
    unchanged_count integer NOT NULL DEFAULT 0,
    off_topic_count integer NOT NULL DEFAULT 0,
    quarantined_count integer NOT NULL DEFAULT 0,
    dag_id text,
    run_id text,
    task_id text,
    map_index integer,
    CONSTRAINT fetch_pk PRIMARY KEY (batch_id, feed_key, started_at),
    CONSTRAINT fetch_outcome_known
        CHECK (outcome IN ('new', 'not_modified', 'unchanged_body', 'failed')),
    CONSTRAINT fetch_failed_has_class CHECK ((outcome = 'failed') = (error_class IS NOT NULL))
);
CREATE INDEX fetch_feed_idx ON ops.fetch (feed_key, started_at);
COMMENT ON TABLE ops.fetch IS 'Each attempt at a feed, with how it ended and where its bytes lie.';

CREATE TABLE ops.quarantine (
    quarantine_key bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT quarantine_pk PRIMARY KEY,
    feed_key bigint NOT NULL,
    fingerprint bytea NOT NULL,
    batch_id text NOT NULL,
    fetched_at timestamptz NOT NULL,
    archive_file text,
    archive_offset bigint,
    title text,
    entry_url text,
    payload bytea NOT NULL,
    status text NOT NULL DEFAULT 'open',
    seen_count integer NOT NULL DEFAULT 1,
    last_seen_at timestamptz NOT NULL,
    reviewer text,
    decided_at timestamptz,
    CONSTRAINT quarantine_entry_unique UNIQUE (feed_key, fingerprint),
    CONSTRAINT quarantine_status_known CHECK (status IN ('open', 'released', 'rejected')),
    CONSTRAINT quarantine_decision_signed
        CHECK ((status = 'open') = (decided_at IS NULL)),
    CONSTRAINT quarantine_feed_fk FOREIGN KEY (feed_key) REFERENCES ops.feed (feed_key)
);
CREATE INDEX quarantine_open_idx ON ops.quarantine (last_seen_at) WHERE status = 'open';
COMMENT ON TABLE ops.quarantine IS
    'Records kept out of the warehouse; one row an entry of a feed however often it is seen.';

CREATE TABLE ops.quarantine_reason (
    quarantine_key bigint NOT NULL,
    reason_number integer NOT NULL,
    expectation text NOT NULL,
    column_name text,
    value text,
    rule text NOT NULL,
    CONSTRAINT quarantine_reason_pk PRIMARY KEY (quarantine_key, reason_number),
    CONSTRAINT quarantine_reason_quarantine_fk FOREIGN KEY (quarantine_key)
        REFERENCES ops.quarantine (quarantine_key) ON DELETE CASCADE
);
COMMENT ON TABLE ops.quarantine_reason IS 'Every expectation that a quarantined record failed.';

CREATE TABLE ops.off_topic (
    feed_key bigint NOT NULL,
    identity_hash bytea NOT NULL,
    entry_url text,
    title text,
    summary text,
    language text,
    scores jsonb NOT NULL,
    ruleset text NOT NULL,
    first_seen_at timestamptz NOT NULL,
    last_seen_at timestamptz NOT NULL,
    batch_id text NOT NULL,
    CONSTRAINT off_topic_pk PRIMARY KEY (feed_key, identity_hash),
    CONSTRAINT off_topic_feed_fk FOREIGN KEY (feed_key) REFERENCES ops.feed (feed_key)
);
CREATE INDEX off_topic_last_seen_idx ON ops.off_topic (last_seen_at);
COMMENT ON TABLE ops.off_topic IS
    'Entries that the rules filtered out, kept for a while so that misses can be found.';

CREATE TABLE ops.expectation_result (
    batch_id text NOT NULL,
    suite text NOT NULL,
    expectation_number integer NOT NULL,
    expectation text NOT NULL,
    column_name text,
    is_success boolean NOT NULL,
    element_count integer NOT NULL,
    unexpected_count integer NOT NULL,
    unexpected_share double precision NOT NULL,
    run_at timestamptz NOT NULL,
    CONSTRAINT expectation_result_pk PRIMARY KEY (batch_id, suite, expectation_number, run_at)
);
COMMENT ON TABLE ops.expectation_result IS 'Each expectation over each batch.';
"""

CORE = """
CREATE TABLE core.dim_date (
    date_key date CONSTRAINT dim_date_pk PRIMARY KEY,
    year integer NOT NULL,
    quarter integer NOT NULL,
    month integer NOT NULL,
    iso_week integer NOT NULL,
    iso_weekday integer NOT NULL,
    is_weekend boolean NOT NULL
);
INSERT INTO core.dim_date
SELECT
    day::date,
    extract(year FROM day)::integer,
    extract(quarter FROM day)::integer,
    extract(month FROM day)::integer,
    extract(week FROM day)::integer,
    extract(isodow FROM day)::integer,
    extract(isodow FROM day) > 5
FROM generate_series('2000-01-01'::timestamp, '2049-12-31', '1 day') AS day;
COMMENT ON TABLE core.dim_date IS 'Days in UTC, 2000 to 2049.';

CREATE TABLE core.dim_outlet (
    outlet_key bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT dim_outlet_pk PRIMARY KEY,
    outlet text NOT NULL,
    CONSTRAINT dim_outlet_unique UNIQUE (outlet)
);
COMMENT ON TABLE core.dim_outlet IS 'Who publishes, as the feed list names them.';

CREATE TABLE core.dim_feed (
    dim_feed_key bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT dim_feed_pk PRIMARY KEY,
    feed_key bigint NOT NULL,
    feed_url text NOT NULL,
    title text,
    outlet_key bigint NOT NULL,
    language text,
    tags text[] NOT NULL,
    topics text[] NOT NULL,
    valid_from timestamptz NOT NULL,
    valid_to timestamptz,
    is_current boolean GENERATED ALWAYS AS (valid_to IS NULL) STORED,
    CONSTRAINT dim_feed_version_unique UNIQUE (feed_key, valid_from),
    CONSTRAINT dim_feed_outlet_fk FOREIGN KEY (outlet_key)
        REFERENCES core.dim_outlet (outlet_key)
);
CREATE UNIQUE INDEX dim_feed_current_idx ON core.dim_feed (feed_key) WHERE valid_to IS NULL;
COMMENT ON TABLE core.dim_feed IS
    'Feeds as the list described them over time (slowly changing dimension, type 2).';

CREATE TABLE core.dim_topic (
    topic_key smallint GENERATED ALWAYS AS IDENTITY CONSTRAINT dim_topic_pk PRIMARY KEY,
    topic text NOT NULL,
    CONSTRAINT dim_topic_unique UNIQUE (topic)
);
INSERT INTO core.dim_topic (topic) VALUES ('ai'), ('china_travel');
COMMENT ON TABLE core.dim_topic IS 'The topics: ai, china_travel.';

CREATE TABLE core.dim_ruleset (
    ruleset_key bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT dim_ruleset_pk PRIMARY KEY,
    version text NOT NULL,
    first_used_at timestamptz NOT NULL,
    CONSTRAINT dim_ruleset_unique UNIQUE (version)
);
COMMENT ON TABLE core.dim_ruleset IS 'Versions of the topic rules; the version is their hash.';

CREATE TABLE core.fact_article (
    article_key bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT fact_article_pk PRIMARY KEY,
    identity_kind text NOT NULL,
    identity_hash bytea NOT NULL,
    canonical_url text,
    first_feed_key bigint NOT NULL,
    outlet_key bigint NOT NULL,
    current_revision_key bigint,
    first_seen_at timestamptz NOT NULL,
    published_at timestamptz,
    published_precision text,
    published_source text,
    published_raw text,
    language text,
    language_confidence real,
    image_url text,
    batch_id text NOT NULL,
    loaded_at timestamptz NOT NULL,
    CONSTRAINT fact_article_identity_unique UNIQUE (identity_hash),
    CONSTRAINT fact_article_identity_known
        CHECK (identity_kind IN ('url', 'url_guid', 'url_guid_text', 'guid', 'guid_text')),
    CONSTRAINT fact_article_outlet_fk FOREIGN KEY (outlet_key)
        REFERENCES core.dim_outlet (outlet_key)
);
CREATE INDEX fact_article_first_seen_idx ON core.fact_article (first_seen_at);
CREATE INDEX fact_article_published_idx ON core.fact_article (published_at);
COMMENT ON TABLE core.fact_article IS 'An article, however many feeds carry it.';

CREATE TABLE core.article_revision (
    revision_key bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT article_revision_pk PRIMARY KEY,
    article_key bigint NOT NULL,
    feed_key bigint NOT NULL,
    revision_number integer NOT NULL,
    kind text NOT NULL,
    replaces_revision_key bigint,
    title text,
    summary text,
    body text,
    summary_html text,
    body_html text,
    authors text[] NOT NULL DEFAULT '{}',
    categories text[] NOT NULL DEFAULT '{}',
    text_hash bytea NOT NULL,
    changed text[] NOT NULL DEFAULT '{}',
    problems text[] NOT NULL DEFAULT '{}',
    recorded_from timestamptz NOT NULL,
    loaded_at timestamptz NOT NULL,
    batch_id text NOT NULL,
    CONSTRAINT article_revision_number_unique UNIQUE (article_key, feed_key, revision_number),
    CONSTRAINT article_revision_kind_known CHECK (kind IN ('inserted', 'revised', 'variant')),
    CONSTRAINT article_revision_article_fk FOREIGN KEY (article_key)
        REFERENCES core.fact_article (article_key) ON DELETE CASCADE,
    CONSTRAINT article_revision_replaces_fk FOREIGN KEY (replaces_revision_key)
        REFERENCES core.article_revision (revision_key)
);
CREATE INDEX article_revision_recorded_idx ON core.article_revision (recorded_from);
CREATE INDEX article_revision_replaces_idx ON core.article_revision (replaces_revision_key)
    WHERE replaces_revision_key IS NOT NULL;
COMMENT ON TABLE core.article_revision IS
    'Each text of an article in each feed; one timeline per article and feed.';
COMMENT ON COLUMN core.article_revision.kind IS
    'inserted: the first text of a new article; variant: another feed''s first, differing text; '
    'revised: an edit on this feed''s timeline.';
COMMENT ON COLUMN core.article_revision.replaces_revision_key IS
    'The revision whose text this feed showed before (it may be another feed''s, if same).';
ALTER TABLE core.fact_article ADD CONSTRAINT fact_article_current_revision_fk
    FOREIGN KEY (current_revision_key) REFERENCES core.article_revision (revision_key)
    DEFERRABLE INITIALLY DEFERRED;

CREATE TABLE core.fact_sighting (
    article_key bigint NOT NULL,
    feed_key bigint NOT NULL,
    guid text,
    link text,
    position integer NOT NULL,
    text_hash bytea NOT NULL,
    revision_key bigint NOT NULL,
    first_seen_at timestamptz NOT NULL,
    left_at timestamptz,
    return_count integer NOT NULL DEFAULT 0,
    batch_id text NOT NULL,
    CONSTRAINT fact_sighting_pk PRIMARY KEY (article_key, feed_key),
    CONSTRAINT fact_sighting_article_fk FOREIGN KEY (article_key)
        REFERENCES core.fact_article (article_key) ON DELETE CASCADE,
    CONSTRAINT fact_sighting_revision_fk FOREIGN KEY (revision_key)
        REFERENCES core.article_revision (revision_key)
);
CREATE INDEX fact_sighting_present_idx ON core.fact_sighting (feed_key) WHERE left_at IS NULL;
CREATE INDEX fact_sighting_revision_idx ON core.fact_sighting (revision_key);
COMMENT ON TABLE core.fact_sighting IS
    'Which feed carries which article: guid and link as published, the text last shown, '
    'and since when it is gone (left_at IS NULL: still there, or the feed has not changed).';

CREATE TABLE core.fact_topic_match (
    match_key bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT fact_topic_match_pk PRIMARY KEY,
    revision_key bigint NOT NULL,
    topic_key smallint NOT NULL,
    ruleset_key bigint NOT NULL,
    is_match boolean NOT NULL,
    score real NOT NULL,
    scope text,
    factors jsonb NOT NULL DEFAULT '[]',
    flags text[] NOT NULL DEFAULT '{}',
    CONSTRAINT fact_topic_match_unique UNIQUE (revision_key, topic_key, ruleset_key),
    CONSTRAINT fact_topic_match_scope_known
        CHECK (scope IN ('inbound', 'outbound', 'domestic', 'hkmo', 'crossstrait')),
    CONSTRAINT fact_topic_match_revision_fk FOREIGN KEY (revision_key)
        REFERENCES core.article_revision (revision_key) ON DELETE CASCADE,
    CONSTRAINT fact_topic_match_topic_fk FOREIGN KEY (topic_key)
        REFERENCES core.dim_topic (topic_key),
    CONSTRAINT fact_topic_match_ruleset_fk FOREIGN KEY (ruleset_key)
        REFERENCES core.dim_ruleset (ruleset_key)
);
COMMENT ON TABLE core.fact_topic_match IS 'The decision on each topic for each revision.';

CREATE TABLE core.topic_evidence (
    match_key bigint NOT NULL,
    span_number integer NOT NULL,
    field text NOT NULL,
    start_offset integer NOT NULL,
    end_offset integer NOT NULL,
    text text NOT NULL,
    rule text NOT NULL,
    weight real NOT NULL,
    CONSTRAINT topic_evidence_pk PRIMARY KEY (match_key, span_number),
    CONSTRAINT topic_evidence_span_valid CHECK (0 <= start_offset AND start_offset < end_offset),
    CONSTRAINT topic_evidence_match_fk FOREIGN KEY (match_key)
        REFERENCES core.fact_topic_match (match_key) ON DELETE CASCADE
);
CREATE INDEX topic_evidence_rule_idx ON core.topic_evidence (rule);
COMMENT ON TABLE core.topic_evidence IS
    'The exact spans that decided; offsets count code points of the revision''s field.';
"""

ROLES = """
DO $roles$
DECLARE
    -- A name of more than 63 bytes would be cut, and both be one.
    prefix text := CASE
        WHEN octet_length(current_database()) <= 56 THEN current_database()::text
        ELSE 'silkwire_' || md5(current_database())
    END;
    loader text := prefix || '_loader';
    reader text := prefix || '_reader';
BEGIN
    IF NOT (SELECT rolcreaterole OR rolsuper FROM pg_roles WHERE rolname = current_user) THEN
        RAISE NOTICE 'no right to create roles: % and % are left to the administrator',
            loader, reader;
        RETURN;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = loader) THEN
        EXECUTE format('CREATE ROLE %I LOGIN', loader);
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = reader) THEN
        EXECUTE format('CREATE ROLE %I LOGIN', reader);
    END IF;
    EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
    EXECUTE format('GRANT CONNECT, TEMPORARY ON DATABASE %I TO %I', current_database(), loader);
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO %I', current_database(), reader);
    REVOKE ALL ON SCHEMA public FROM PUBLIC;
    EXECUTE format('GRANT USAGE ON SCHEMA ops, core, mart TO %I, %I', loader, reader);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA ops, core TO %I',
        loader);
    EXECUTE format('GRANT SELECT ON ALL TABLES IN SCHEMA core TO %I', reader);
    EXECUTE format('GRANT SELECT ON ops.batch, ops.feed, ops.fetch, ops.quarantine,
        ops.quarantine_reason, ops.off_topic, ops.expectation_result TO %I', reader);
    EXECUTE format('ALTER DEFAULT PRIVILEGES IN SCHEMA mart GRANT SELECT ON TABLES TO %I, %I',
        loader, reader);
END
$roles$;
"""


def upgrade() -> None:
    """Create everything; the views of `mart` come from `sql/marts` after every upgrade."""
    for schema in ("ops", "core", "mart"):
        op.execute(f"CREATE SCHEMA IF NOT EXISTS {schema}")
    op.execute(OPS)
    op.execute(CORE)
    op.execute(ROLES)


def downgrade() -> None:
    """Drop everything."""
    for schema in ("mart", "core"):
        op.execute(f"DROP SCHEMA {schema} CASCADE")
    op.execute(
        "DROP TABLE ops.expectation_result, ops.off_topic, ops.quarantine_reason, ops.quarantine,"
        " ops.fetch, ops.feed_secret, ops.feed, ops.batch"
    )
