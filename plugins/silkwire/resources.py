"""The folders of files that are not Python: in the wheel, or in the checkout beside `plugins/`."""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
_PACKAGED = _PACKAGE / "_data"
_ROOT = _PACKAGED if _PACKAGED.is_dir() else _PACKAGE.parents[1]

SQL_DIR = _ROOT / "sql"
CONFIG_DIR = _ROOT / "config"
DAGS_DIR = _ROOT / "dags"
PLUGINS_DIR = _ROOT / "plugins"
"""Airflow's plugins folder; in the wheel it holds only the plugin."""
