"""Rows of single tables: one module a table or subject, all SQL on it in one place."""
