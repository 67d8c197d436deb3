"""Who was told of what: watches, what waits to be delivered, what needs a person."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE ops.watch (
    watch text CONSTRAINT watch_pk PRIMARY KEY,
    known_since timestamptz NOT NULL
);
COMMENT ON TABLE ops.watch IS 'Each watch of config/watches.yaml, by name.';
COMMENT ON COLUMN ops.watch.watch IS 'Its name in the file; operators is who is told of alerts.';
COMMENT ON COLUMN ops.watch.known_since IS 'When it was first read; nothing older is told.';

CREATE TABLE ops.notification (
    notification_key bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT notification_pk PRIMARY KEY,
    watch text NOT NULL,
    destination text NOT NULL,
    text_key text NOT NULL,
    revision_key bigint,
    item jsonb NOT NULL,
    found_at timestamptz NOT NULL,
    due_at timestamptz NOT NULL,
    status text NOT NULL DEFAULT 'waiting',
    attempt_count integer NOT NULL DEFAULT 0,
    last_error text,
    sent_at timestamptz,
    CONSTRAINT notification_once UNIQUE (watch, destination, text_key),
    CONSTRAINT notification_status_known CHECK (status IN ('waiting', 'sent', 'given_up')),
    CONSTRAINT notification_sent_has_time CHECK ((status = 'sent') = (sent_at IS NOT NULL))
);
CREATE INDEX notification_due_idx ON ops.notification (due_at) WHERE status = 'waiting';
CREATE INDEX notification_found_idx ON ops.notification (found_at);
COMMENT ON TABLE ops.notification IS 'One row a text, watch and destination: told once.';
COMMENT ON COLUMN ops.notification.notification_key IS 'Surrogate key.';
COMMENT ON COLUMN ops.notification.watch IS 'The watch that it fits, or operators.';
COMMENT ON COLUMN ops.notification.destination IS
    'Digest of the destination as configured: its url may hold a password.';
COMMENT ON COLUMN ops.notification.text_key IS 'The same for all copies of a text.';
COMMENT ON COLUMN ops.notification.revision_key IS 'The text; NULL for an alert.';
COMMENT ON COLUMN ops.notification.item IS 'What is told: title, outlet, url, matched words.';
COMMENT ON COLUMN ops.notification.found_at IS 'When it was found to fit.';
COMMENT ON COLUMN ops.notification.due_at IS 'When it is to be sent, or tried again.';
COMMENT ON COLUMN ops.notification.status IS 'waiting, sent, or given_up after a day of failures.';
COMMENT ON COLUMN ops.notification.attempt_count IS 'How often its delivery failed.';
COMMENT ON COLUMN ops.notification.last_error IS 'Why the last delivery failed.';
COMMENT ON COLUMN ops.notification.sent_at IS 'When it was delivered.';

CREATE TABLE ops.alert (
    cause text CONSTRAINT alert_pk PRIMARY KEY,
    sentence text NOT NULL,
    since timestamptz NOT NULL
);
COMMENT ON TABLE ops.alert IS 'What needs a person now, as operators were told; gone when over.';
COMMENT ON COLUMN ops.alert.cause IS 'What kind of trouble: one alert a kind.';
COMMENT ON COLUMN ops.alert.sentence IS 'What operators were told.';
COMMENT ON COLUMN ops.alert.since IS 'When it was first seen.';

CREATE INDEX article_revision_loaded_idx ON core.article_revision (loaded_at);
"""

ROLES = """
DO $roles$
DECLARE
    loader text := current_database() || '_loader';
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = loader) THEN
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE
            ON ops.watch, ops.notification, ops.alert TO %I', loader);
        EXECUTE format('GRANT USAGE ON SEQUENCE ops.notification_notification_key_seq TO %I',
            loader);
    END IF;
END
$roles$;
"""


def upgrade() -> None:
    """Add the three tables, and find new texts by when they were loaded."""
    op.execute(TABLES)
    op.execute(ROLES)


def downgrade() -> None:
    """Remove them; who was told is forgotten."""
    op.execute("DROP INDEX core.article_revision_loaded_idx")
    op.execute("DROP TABLE ops.watch, ops.notification, ops.alert")
