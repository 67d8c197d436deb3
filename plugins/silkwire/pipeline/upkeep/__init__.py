"""Upkeep: warehouse checks, planner statistics, retention, Data Docs, task logs."""
