"""Describe the machine, the commit and the versions that the figures were measured on."""

import os
import platform
import re
import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def describe_machine() -> dict[str, str | int]:
    return {
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
        "commit": _ask("git", "-C", str(ROOT), "describe", "--always", "--dirty"),
        "cpu": _read("/proc/cpuinfo", r"model name\s*:\s*(.+)"),
        "cores": len(os.sched_getaffinity(0)),
        "memory_gb": round(int(_read("/proc/meminfo", r"MemTotal:\s*(\d+)", "0")) / 2**20),
        "os": _read("/etc/os-release", r'PRETTY_NAME="(.+)"'),
        "kernel": platform.release(),
        "python": platform.python_version(),
        "postgresql": _read_postgresql_version(),
        "load_at_start": round(os.getloadavg()[0]),
    }


def describe_in_words(machine: Mapping[str, str | int]) -> str:
    load = ", while other work ran" if _is_busy(machine) else ""
    return f"{machine['date']} at commit {machine['commit']} on {_name_kind(machine)}{load}"


def describe_shortly(machines: Mapping[str, Mapping[str, str | int]]) -> str:
    """One line for several benchmarks: the days from first to last, and each kind of machine."""
    dates = sorted({str(machine["date"]) for machine in machines.values()})
    days = dates[0] if len(dates) == 1 else f"{dates[0]} to {dates[-1]}"
    kinds = {_name_kind(machine): None for machine in machines.values()}
    busy = [name for name, machine in machines.items() if _is_busy(machine)]
    load = f" ({', '.join(busy)}: while other work ran)" if busy else ""
    return f"{days} on {'; on '.join(kinds)}{load}"


def _name_kind(machine: Mapping[str, str | int]) -> str:
    return (
        f"{machine['cores']} cores of {machine['cpu']} with {machine['memory_gb']} GB,"
        f" {machine['os']}, Python {machine['python']}, PostgreSQL {machine['postgresql']}"
    )


def _is_busy(machine: Mapping[str, str | int]) -> bool:
    return int(machine["load_at_start"]) > 1


def _read_postgresql_version() -> str:
    from silkwire.warehouse.embedded.binaries import find_bin

    answer = _ask(str(find_bin() / "postgres"), "--version")
    return answer.rpartition(" ")[2]


def _read(file: str, pattern: str, default: str = "unknown") -> str:
    try:
        found = re.search(pattern, Path(file).read_text("utf-8"))
    except OSError:
        return default
    return found[1].strip() if found else default


def _ask(*command: str) -> str:
    try:
        answer = subprocess.run(command, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return answer.stdout.strip()
