"""Print as JSON what Airflow reads in `dags/` and `plugins/`; tests run it as a process."""

import json
import sys
import time


def read_dags() -> dict:
    import_started = time.perf_counter()
    from airflow.dag_processing.dagbag import DagBag

    started = time.perf_counter()
    bag = DagBag()
    parse_s = time.perf_counter() - started
    heavy = {"great_expectations", "pandas", "aiohttp", "lxml"} & set(sys.modules)
    return {
        "errors": bag.import_errors,
        "airflow_import_s": started - import_started,
        "parse_s": parse_s,
        "heavy": sorted(heavy),
        "dags": {dag_id: describe(dag) for dag_id, dag in bag.dags.items()},
    }


def describe(dag) -> dict:
    from airflow.serialization.serialized_objects import DagSerialization

    return {
        "file": dag.fileloc,
        "schedule": str(dag.schedule),
        "doc_md": dag.doc_md,
        "tags": sorted(dag.tags),
        "catchup": dag.catchup,
        "max_active_runs": dag.max_active_runs,
        "downstream": {t.task_id: sorted(t.downstream_task_ids) for t in dag.topological_sort()},
        "mapped": [task.task_id for task in dag.tasks if task.is_mapped],
        "trigger_rules": {task.task_id: task.trigger_rule.value for task in dag.tasks},
        "serialized_tasks": len(DagSerialization.to_dict(dag)["dag"]["tasks"]),
        "outlets": {t.task_id: [o.name for o in t.outlets] for t in dag.tasks if t.outlets},
        "deadlines": [
            [alert.name, alert.interval.total_seconds(), alert.callback.path]
            for alert in dag.deadline or []
        ],
        "run_limit": dag.dagrun_timeout is not None,
        "time_limits": {task.task_id: task.execution_timeout is not None for task in dag.tasks},
        "requests": {
            task.task_id: {
                "subject": task.subject,
                "options": task.options,
                "defaults": task.defaults,
                "response_timeout": task.response_timeout,
            }
            for task in dag.tasks
            if task.task_type == "ReviewOperator"
        },
        "fail_at_once": [
            [name for rule in task.retry_policy.rules for name in rule.exception_path.split(",")]
            for task in dag.tasks
        ],
        "links": {
            task.task_id: [link.name for link in task.operator_extra_links]
            for task in dag.tasks
            if task.operator_extra_links
        },
        "at_once": {task.task_id: task.max_active_tis_per_dagrun for task in dag.tasks},
        "pools": {task.task_id: task.pool for task in dag.tasks},
        "params": {name: describe_param(dag.params.get_param(name)) for name in dag.params},
        "retries": sorted({task.retries for task in dag.tasks}),
    }


def describe_param(param) -> dict:
    return {"description": param.description, **param.schema}


def read_plugins() -> dict:
    from airflow import plugins_manager

    before = set(sys.modules)
    plugins_manager.ensure_plugins_loaded()
    plugins = plugins_manager.get_plugin_info()
    return {
        "errors": plugins_manager.get_import_errors(),
        "sources": [str(plugin["source"]) for plugin in plugins],
        "modules": sorted(set(sys.modules) - before),
    }


json.dump({**read_dags(), "plugins": read_plugins()}, sys.stdout, default=str)
