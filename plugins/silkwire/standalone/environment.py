"""The environment of Airflow's processes: everything that silkwire decides about Airflow."""

from collections.abc import Mapping
from pathlib import Path

from silkwire.standalone.home import USER, AirflowHome, AirflowSecrets

HOST = "127.0.0.1"
_LOOPBACK = "127.0.0.1,localhost,::1"


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
    """`inherited` with our options; what it says of another Airflow installation is left out.

    Options that are not set here may be set in `airflow.cfg` in Airflow's folder. SILKWIRE_*,
    AIRFLOW_CONN_* and AIRFLOW_VAR_* pass through.
    """
    kept = {name: value for name, value in inherited.items() if not _is_foreign(name)}
    proxy = ",".join(filter(None, (kept.get("NO_PROXY") or kept.get("no_proxy"), _LOOPBACK)))
    return (
        kept
        | {"AIRFLOW_HOME": str(home.folder), "SILKWIRE_HOME": str(silkwire_home)}
        # tasks talk to the API server on loopback, whatever proxy is set for the rest
        | {"NO_PROXY": proxy, "no_proxy": proxy}
        | {"SCARF_ANALYTICS": "false", "DO_NOT_TRACK": "1", "GX_ANALYTICS_ENABLED": "false"}
        | _name_options(_place_options(home, database_url, port, dags, plugins))
        | _name_options(_secret_options(home, secrets))
        | _name_options(_OPTIONS)
    )


def _is_foreign(name: str) -> bool:
    return name in {"AIRFLOW_HOME", "AIRFLOW_CONFIG"} or name.startswith("AIRFLOW__")


def _name_options(options: Mapping[tuple[str, str], str]) -> dict[str, str]:
    return {
        f"AIRFLOW__{section.upper()}__{name.upper()}": value
        for (section, name), value in options.items()
    }


def _place_options(
    home: AirflowHome, database_url: str, port: int, dags: Path, plugins: Path
) -> dict[tuple[str, str], str]:
    url = f"http://{HOST}:{port}"
    return {
        ("database", "sql_alchemy_conn"): database_url,
        # psycopg 3 speaks both ways, so asyncpg is not needed
        ("database", "sql_alchemy_conn_async"): database_url,
        ("core", "dags_folder"): str(dags),
        ("core", "plugins_folder"): str(plugins),
        ("core", "execution_api_server_url"): f"{url}/execution/",
        ("api", "host"): HOST,
        ("api", "port"): str(port),
        ("api", "base_url"): url,
        ("logging", "base_log_folder"): str(home.logs),
    }


def _secret_options(home: AirflowHome, secrets: AirflowSecrets) -> dict[tuple[str, str], str]:
    return {
        ("core", "fernet_key"): secrets.fernet_key,
        ("api_auth", "jwt_secret"): secrets.jwt_secret,
        ("api", "secret_key"): secrets.session_key,
        ("core", "simple_auth_manager_passwords_file"): str(home.passwords),
    }


_OPTIONS = {
    ("api", "instance_name"): "silkwire",
    ("api", "workers"): "1",
    (
        "core",
        "auth_manager",
    ): "airflow.api_fastapi.auth.managers.simple.simple_auth_manager.SimpleAuthManager",
    ("core", "simple_auth_manager_users"): f"{USER}:admin",
    ("core", "executor"): "LocalExecutor",
    # a process each, forked at start
    ("core", "parallelism"): "4",
    ("core", "load_examples"): "False",
    ("core", "dags_are_paused_at_creation"): "False",
    ("database", "load_default_connections"): "False",
    ("dag_processor", "refresh_interval"): "60",
    # a task that was killed, alone or with all of `up`, is tried again within a minute or so
    ("scheduler", "task_instance_heartbeat_timeout"): "60",
    ("scheduler", "orphaned_tasks_check_interval"): "30",
}
