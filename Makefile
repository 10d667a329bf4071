# `make help` lists the targets. Everything runs in .venv; nothing else is installed by hand.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
# PostgreSQL, Spark and their test servers: about 900 MB that only `make test` and
# `make spark-demo` ask for.
ENGINES_STAMP := $(VENV)/.installed-engines
COMPILE := --universal --python-version 3.11 --generate-hashes --no-annotate --no-header
DATA ?= ../shared/data
PYTEST := $(BIN)/python -m pytest -q
IN_PARALLEL := -n 2 --dist loadscope --no-loadscope-reorder
# The dbt templater opens a warehouse; linting needs none of its rows.
SQLFLUFF = DRIFTLINE_WAREHOUSE=:memory: $(BIN)/sqlfluff

.DEFAULT_GOAL := help
.PHONY: help setup demo spark-demo test test-fast simulate verify soak lint fmt bench bench-build lock clean

help:  ## List the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "%-12s %s\n", $$1, $$2}'

setup: $(STAMP)  ## Install the locked environment into .venv

$(STAMP): requirements.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --no-deps --no-compile --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	$(BIN)/python -m compileall -q -j 0 $(VENV)/lib || true
	touch $(STAMP)

$(ENGINES_STAMP): $(STAMP) requirements-engines.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-compile --require-hashes -r requirements-engines.lock
	$(BIN)/python -m compileall -q -j 0 $(VENV)/lib || true
	touch $(ENGINES_STAMP)

demo: setup  ## Replay New York flights of 2013 and write the report
	$(BIN)/driftline demo

spark-demo: $(ENGINES_STAMP)  ## Replay the first months on a Spark cluster that it starts (needs Java)
	$(BIN)/python -m jobs.demo.cluster

test: $(ENGINES_STAMP)  ## Run all tests, on DuckDB, PostgreSQL and Spark (needs Java)
	$(PYTEST) $(IN_PARALLEL)

test-fast: setup  ## Run the tests that need DuckDB alone and little time
	$(PYTEST) $(IN_PARALLEL) -m "not engines and not slow"

simulate: setup  ## Coverage of intervals on rows whose truth is known
	$(BIN)/python -m tests.simulation

verify: setup  ## Compare metrics and distances with scikit-learn and scipy on real data sets (DATA=folder)
	$(BIN)/python -m tests.verification --data $(DATA)

soak: $(ENGINES_STAMP)  ## Kill a cycle and a build at every boundary, build twice on Spark; compare 200 random sequences with fresh builds, going on where it stopped
	DRIFTLINE_SPARK_TWICE=1 $(PYTEST) tests/engines/test_conformance.py
	DRIFTLINE_EVERY_BOUNDARY=1 $(PYTEST) tests/cycle/test_killed_cycle.py tests/incremental/test_dead_builds.py
	$(BIN)/python -m tests.incremental.long_run --sequences 200

lint: setup  ## ruff, mypy, sqlfluff
	$(BIN)/ruff check jobs tests
	$(BIN)/ruff format --check jobs tests
	$(BIN)/mypy
	$(SQLFLUFF) lint dbt_project/models dbt_project/tests

fmt: setup  ## Format Python and SQL
	$(BIN)/ruff check --fix jobs tests
	$(BIN)/ruff format jobs tests
	$(SQLFLUFF) fix dbt_project/models dbt_project/tests

bench: setup  ## Compare with the lower bound and other tools; writes docs/benchmarks.md
	$(BIN)/python -m benchmarks

bench-build: setup  ## Time a build of the demo's warehouse, model by model
	$(BIN)/python benchmarks/build.py

lock:  ## Resolve both lock files anew (needs uv)
	uv pip compile pyproject.toml --extra demo --extra dev --override locks/overrides.txt \
		$(COMPILE) -o requirements.lock
	$(PYTHON) locks/trim.py requirements.lock
	uv pip compile pyproject.toml --extra postgres --extra spark --extra engines \
		--override locks/overrides-engines.txt --constraint requirements.lock \
		$(COMPILE) -o requirements-engines.lock
	$(PYTHON) locks/trim.py requirements-engines.lock --without requirements.lock

clean:  ## Remove the environment and what builds left; keeps warehouse/
	rm -rf $(VENV) .pytest_cache .ruff_cache .mypy_cache .hypothesis *.egg-info
	rm -rf dbt_project/target dbt_project/logs dbt_project/dbt_packages logs
