"""Notifications: watches and alerts queue them in `ops.notification`, the outbox delivers them."""
