# The two commands to know are `make demo` and `make test`; each sets up what it needs.
SHELL := /bin/sh
.DEFAULT_GOAL := help
.PHONY: help setup demo test check up bench clean

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
	@$(BIN)/python -m pytest

check: $(READY)  ## Lint, format, types, import directions, SQL
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache
	@$(BIN)/sqlfluff lint sql/marts sql/queries

up: $(READY)  ## Airflow with the embedded warehouse, on this machine
	@$(BIN)/silkwire up

bench: $(READY)  ## The benchmarks
	@for bench in benchmarks/bench_*.py; do $(BIN)/python "$$bench" || exit 1; done

clean:  ## Remove the environment
	rm -rf $(VENV) .uv
