"""`silkwire demo`."""
