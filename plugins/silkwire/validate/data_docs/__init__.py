"""Data Docs: the results of validation as web pages."""
