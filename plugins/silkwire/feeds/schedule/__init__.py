"""Decide a feed's health and its next fetch from the results of its fetches. Pure."""
