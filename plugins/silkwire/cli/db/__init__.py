"""`silkwire db`."""
