"""Records in quarantine: read again, released, rejected or retried."""
