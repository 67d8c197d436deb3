"""The files of `docker/`, without running containers; `make test-cluster` runs its parts."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from cryptography.fernet import Fernet
from image import CHECKOUT, list_context, read_instructions

DOCKER = CHECKOUT / "docker"
BIN = Path(sys.executable).parent
COMPOSE: dict[str, Any] = yaml.safe_load((DOCKER / "compose.yaml").read_text("utf-8"))
SERVICES: dict[str, Any] = COMPOSE["services"]


@pytest.fixture
def secrets(tmp_path: Path) -> Path:
    make_secrets(tmp_path / "secrets")
    return tmp_path / "secrets"


def make_secrets(folder: Path) -> None:
    subprocess.run(["sh", DOCKER / "make-secrets.sh", folder], check=True)


def run_tool(*command: str | Path) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=CHECKOUT)
    return f"{done.returncode} {done.stdout}{done.stderr}".strip()


def test_the_compose_file_fits_the_compose_specification() -> None:
    check = [BIN / "check-jsonschema", "--builtin-schema", "vendor.compose-spec"]
    assert run_tool(*check, "docker/compose.yaml").startswith("0 ok")


def test_hadolint_finds_nothing_in_the_dockerfile() -> None:
    assert run_tool(BIN / "hadolint", "docker/Dockerfile") == "0"


@pytest.mark.parametrize("script", ["make-secrets.sh", "postgres-init.sh", "init.sh"])
def test_the_scripts_are_posix_shell(script: str) -> None:
    assert run_tool("sh", "-n", DOCKER / script) == "0"


def test_every_secret_is_made_declared_and_used(secrets: Path) -> None:
    declared = {name: entry["file"] for name, entry in COMPOSE["secrets"].items()}
    assert declared == {name: f"secrets/{name}" for name in declared}
    assert set(declared) <= {file.name for file in secrets.iterdir()}
    used = {name for service in SERVICES.values() for name in service.get("secrets", ())}
    assert used == set(declared)


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_a_service_reads_only_secrets_that_it_is_given(name: str) -> None:
    service = SERVICES[name]
    read = set(re.findall(r"/run/secrets/(\w+)", str(service)))
    assert read == read & set(service["secrets"])


SECRET = re.compile("PASSWORD|SECRET|FERNET_KEY|ALCHEMY_CONN|BROKER_URL|BACKEND|WAREHOUSE_URL")


def test_no_secret_stands_in_an_environment() -> None:
    for service in SERVICES.values():
        for name, value in service.get("environment", {}).items():
            is_place = name.endswith(("_FILE", "_CMD"))
            assert is_place or not re.search(
                "PASSWORD|SECRET|FERNET_KEY|ALCHEMY_CONN|BROKER_URL|BACKEND", name
            ), value


def test_secrets_are_made_once_and_only_what_is_missing_later(secrets: Path) -> None:
    before = {file.name: file.read_text("ascii") for file in secrets.iterdir()}
    make_secrets(secrets)
    assert {file.name: file.read_text("ascii") for file in secrets.iterdir()} == before
    (secrets / "airflow_jwt_secret").unlink()
    make_secrets(secrets)
    after = {file.name: file.read_text("ascii") for file in secrets.iterdir()}
    assert [name for name in after if after[name] != before[name]] == ["airflow_jwt_secret"]


def test_secrets_are_their_owners_and_no_two_are_equal(secrets: Path) -> None:
    assert secrets.stat().st_mode & 0o777 == 0o700
    texts = [file.read_text("ascii") for file in secrets.iterdir()]
    assert len(set(texts)) == len(texts)
    assert not [text for text in texts if text.endswith("\n")]


def test_a_folder_for_secrets_that_somebody_made_before_is_closed(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    folder.mkdir()
    folder.chmod(0o755)
    make_secrets(folder)
    assert folder.stat().st_mode & 0o777 == 0o700


def test_the_fernet_key_is_one(secrets: Path) -> None:
    fernet = Fernet((secrets / "airflow_fernet_key").read_text("ascii"))
    assert fernet.decrypt(fernet.encrypt(b"word")) == b"word"


def test_secrets_stay_out_of_repository_and_image() -> None:
    assert run_tool("git", "check-ignore", "docker/secrets/x") == "0 docker/secrets/x"
    built_from = [str(path) for path in list_context(".")]
    assert [path for path in built_from if path.startswith("docker/")] == [
        "docker/healthcheck.py",
        "docker/init.sh",
    ]
    assert not [path for path in built_from if path.startswith(("tests/", ".git/", ".venv/"))]


def test_the_last_stage_is_slim_has_no_compiler_and_is_not_root() -> None:
    steps = read_instructions()
    last = [step.keyword for step in steps].index("FROM", 1)
    stage = steps[last:]
    assert re.fullmatch(r"python:3\.1[123]-slim-\w+", stage[0].rest)
    assert not re.search(r"\b(apt|pip|gcc|uv)\b", " ".join(s.rest for s in stage[1:]))
    assert [step.rest for step in stage if step.keyword == "USER"] == ["50000:50000"]
    assert [step for step in stage if step.keyword == "HEALTHCHECK"]


def test_uv_checks_the_locks_hashes() -> None:
    syncs = [s.rest for s in read_instructions() if "uv sync" in s.rest]
    assert len(syncs) == 2
    assert all("--locked" in sync for sync in syncs)


def test_only_the_ui_is_reachable_and_only_from_this_machine() -> None:
    ports = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}
    assert ports == {"api-server": ["127.0.0.1:${PORT:-8080}:8080"]}
    assert COMPOSE["networks"]["stores"] == {"internal": True}


@pytest.mark.parametrize(
    ("command", "part"),
    [
        ("airflow api-server", "api-server"),
        (
            "/sbin/docker-init -- /opt/silkwire/venv/bin/python /opt/x/airflow scheduler",
            "scheduler",
        ),
        ("airflow celery worker", "celery"),
        ("silkwire ingest", None),
    ],
)
def test_the_health_check_knows_the_part_by_its_command(command: str, part: str | None) -> None:
    sys.path.insert(0, str(DOCKER))
    try:
        import healthcheck
    finally:
        sys.path.remove(str(DOCKER))
    assert healthcheck.find_part(command.split()) == part
