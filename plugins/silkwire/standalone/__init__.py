"""Airflow on this machine: its own commands as child processes, with the embedded PostgreSQL.

No Airflow import: what it is told comes through its environment (`environment`), what it says comes
through its REST API (`health`).
"""

from silkwire.standalone.run import Login, Signals, run_airflow

__all__ = ["Login", "Signals", "run_airflow"]
