"""A feed's health and next fetch, decided from what its fetches brought. Pure."""
