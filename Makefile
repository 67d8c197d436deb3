# The two commands to know are `make demo` and `make test`; each sets up what it needs.
SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help setup demo test test-ui test-cluster test-replay cluster-demo crash check up docker-up docker-down bench clean

VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
export UV_PROJECT_ENVIRONMENT := $(VENV)
export UV_PYTHON_DOWNLOADS := never
export PYTHONUTF8 := 1
# Another environment that happens to be active must not be mistaken for ours.
unexport VIRTUAL_ENV PYTHONPATH PYTHONHOME

help:  ## What can be made
	@grep -E '^[a-z-]+:.*##' Makefile | sed 's/:.*## /\t/' | expand -t 12

setup: $(READY)  ## The locked environment in .venv

$(READY): pyproject.toml uv.lock docker/find-uv.sh
	@uv=$$(sh docker/find-uv.sh) && "$$uv" sync --locked --compile-bytecode --quiet
	@touch $@

demo: $(READY)  ## The whole job, offline, in a throw-away home
	@$(BIN)/silkwire demo

test: $(READY)  ## The tests, against a real PostgreSQL of their own
	@$(BIN)/python -m pytest -n logical --maxprocesses 4

# --inexact: what another command has added stays, so they do not undo each other's work
test-ui: $(READY)  ## The pages in a real browser: needs Debian's chromium and fonts-noto-cjk
	@uv=$$(sh docker/find-uv.sh) && "$$uv" sync --locked --inexact --compile-bytecode --quiet --group browser
	@$(BIN)/python -m pytest tests/browser

test-cluster: $(READY)  ## Celery workers, PostgreSQL, Redis, S3: needs Debian's postgresql and redis-server
	@uv=$$(sh docker/find-uv.sh) && "$$uv" sync --locked --inexact --compile-bytecode --quiet --extra cluster
	@$(BIN)/python -m pytest tests/cluster

test-replay: $(READY)  ## Everything of ../shared, live and rebuilt from its archive: some minutes
	@WHOLE=1 $(BIN)/python -m pytest tests/pipeline/replay/test_shared.py -k whole --capture=no

crash: $(READY)  ## Kill batches at ROUNDS (200) moments and compare what the next run leaves
	@PYTHONPATH=tests $(BIN)/python -m crash --rounds $(or $(ROUNDS),200)

cluster-demo: $(READY)  ## The sample feeds through Celery workers on this machine; the same packages
	@uv=$$(sh docker/find-uv.sh) && "$$uv" sync --locked --inexact --compile-bytecode --quiet --extra cluster
	@PYTHONPATH= $(BIN)/python tests/cluster/demo.py

check: $(READY)  ## Lint, format, types, import directions, SQL
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache
	@$(BIN)/sqlfluff lint sql/marts sql/queries plugins/silkwire/feeds plugins/silkwire/syndication

up: $(READY)  ## Airflow with the embedded warehouse, on this machine
	@$(BIN)/silkwire up

docker-up:  ## Airflow with Celery workers in containers; secrets are made at the first start
	@sh docker/make-secrets.sh docker/secrets
	@docker compose -f docker/compose.yaml up --build --detach --wait
	@echo "http://127.0.0.1:$${PORT:-8080}  user admin, password in docker/secrets/airflow_admin_password"

docker-down:  ## Stop the containers; databases, archive and secrets stay
	@docker compose -f docker/compose.yaml down

bench: $(READY)  ## Every benchmark beside its peers, into README.md; QUICK=1 for some minutes
	@$(BIN)/python benchmarks/run.py $(if $(QUICK),--quick) $(if $(ONLY),--only $(ONLY)) $(if $(WRITE),--write)

clean:  ## Remove the environment
	rm -rf $(VENV) .uv
