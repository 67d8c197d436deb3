"""The environment of Airflow's processes: every option of Airflow that `silkwire up` sets."""

from collections.abc import Mapping
from pathlib import Path

from silkwire.standalone.home import USER, AirflowHome, AirflowSecrets

HOST = "127.0.0.1"
_LOOPBACK = "127.0.0.1,localhost,::1"
_FIXED = {
    "SCARF_ANALYTICS": "false",
    "DO_NOT_TRACK": "1",
    "GX_ANALYTICS_ENABLED": "false",
    "AIRFLOW__API__INSTANCE_NAME": "silkwire",
    "AIRFLOW__API__WORKERS": "1",
    "AIRFLOW__CORE__AUTH_MANAGER": (
        "airflow.api_fastapi.auth.managers.simple.simple_auth_manager.SimpleAuthManager"
    ),
    "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": f"{USER}:admin",
    "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
    # the executor forks this many processes at start
    "AIRFLOW__CORE__PARALLELISM": "4",
    "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
    "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
    "AIRFLOW__DATABASE__LOAD_DEFAULT_CONNECTIONS": "False",
    "AIRFLOW__DAG_PROCESSOR__REFRESH_INTERVAL": "60",
    # a killed task, alone or with all of `up`, is retried within about a minute
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "60",
    "AIRFLOW__SCHEDULER__ORPHANED_TASKS_CHECK_INTERVAL": "30",
}


def airflow_environment(
    inherited: Mapping[str, str],
    *,
    silkwire_home: Path,
    home: AirflowHome,
    secrets: AirflowSecrets,
    database_url: str,
    port: int,
    dags: Path,
    plugins: Path,
) -> dict[str, str]:
    """Remove another Airflow's options from `inherited`, and add those that silkwire sets.

    Other options may be set in `airflow.cfg` in Airflow's folder. SILKWIRE_*, AIRFLOW_CONN_* and
    AIRFLOW_VAR_* are inherited.
    """
    foreign = ("AIRFLOW_HOME", "AIRFLOW_CONFIG", "AIRFLOW__")
    kept = {name: value for name, value in inherited.items() if not name.startswith(foreign)}
    proxy = ",".join(filter(None, (kept.get("NO_PROXY") or kept.get("no_proxy"), _LOOPBACK)))
    url = f"http://{HOST}:{port}"
    return {
        **kept,
        **_FIXED,
        "SILKWIRE_HOME": str(silkwire_home),
        # tasks reach the API server on loopback, also if a proxy is set
        "NO_PROXY": proxy,
        "no_proxy": proxy,
        "AIRFLOW_HOME": str(home.folder),
        "AIRFLOW__API__BASE_URL": url,
        "AIRFLOW__API__HOST": HOST,
        "AIRFLOW__API__PORT": str(port),
        "AIRFLOW__API__SECRET_KEY": secrets.session_key,
        "AIRFLOW__API_AUTH__JWT_SECRET": secrets.jwt_secret,
        "AIRFLOW__CORE__DAGS_FOLDER": str(dags),
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{url}/execution/",
        "AIRFLOW__CORE__FERNET_KEY": secrets.fernet_key,
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(plugins),
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(home.passwords),
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": database_url,
        # psycopg 3 is also asynchronous, so asyncpg is not needed
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_ASYNC": database_url,
        "AIRFLOW__LOGGING__BASE_LOG_FOLDER": str(home.logs),
    }
