"""`silkwire feeds`."""
