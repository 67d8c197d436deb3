"""Tell people: watches, alerts, and the outbox that delivers both."""
