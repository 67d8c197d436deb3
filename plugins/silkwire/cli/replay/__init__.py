"""`silkwire replay`."""
