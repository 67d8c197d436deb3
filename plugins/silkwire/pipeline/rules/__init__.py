"""Other topic rules: tried on what is stored, then adopted."""
