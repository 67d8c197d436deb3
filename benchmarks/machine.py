"""Describe the machine, the commit and the versions that the figures were measured on."""

import os
import platform
import re
import subprocess
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


def describe_in_words(machine: dict[str, str | int]) -> str:
    load = ", while other work ran" if int(machine["load_at_start"]) > 1 else ""
    return (
        f"{machine['date']} at commit {machine['commit']} on {machine['cores']} cores of"
        f" {machine['cpu']} with {machine['memory_gb']} GB, {machine['os']}, Python"
        f" {machine['python']}, PostgreSQL {machine['postgresql']}{load}"
    )


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
