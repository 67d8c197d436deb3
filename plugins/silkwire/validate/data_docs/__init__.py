"""Data Docs: the results of Great Expectations as web pages."""
