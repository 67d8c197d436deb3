"""`silkwire up`: Airflow's own commands as child processes, with the embedded PostgreSQL.

Airflow is not imported: it is configured through the environment (`environment.py`) and asked
through its REST API (`health.py`).
"""

from silkwire.standalone.run import Login, Signals, run_airflow

__all__ = ["Login", "Signals", "run_airflow"]
