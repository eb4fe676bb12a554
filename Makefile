# Downdraft: two commands to start with are `make demo` and `make test`. `make help` lists the rest.

.DEFAULT_GOAL := help
.PHONY: help demo run test lint format bench soak lock clean

BIN := .venv/bin
CONFIG ?= deploy/downdraft.example.toml
JOBS ?= 2
ARGS ?=

# The first interpreter that is new enough and can make virtual environments.
PYTHON ?= $(shell for p in python3 python3.11 python3.12 python3.13 python3.14; do \
	$$p -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& echo $$p && break; done)
PIP := $(BIN)/python -m pip install --disable-pip-version-check -c constraints.txt

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: .venv/installed ## the whole product on this machine, nothing to configure
	@$(BIN)/downdraft demo $(ARGS)

run: .venv/installed ## the daemon on live feeds (CONFIG=deploy/downdraft.example.toml)
	@$(BIN)/downdraft run --config $(CONFIG) $(ARGS)

test: lint ## everything that must hold: style, types, behaviour, deployment files
	@echo "==> tests"
	@$(BIN)/pytest -n $(JOBS) --dist worksteal -m "not slow" $(ARGS)

lint: .venv/installed-dev ## style and types only
	@echo "==> style and types"
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check --quiet . || \
		{ echo "These files are not formatted; 'make format' mends them:" >&2; \
		$(BIN)/ruff format --check . ; exit 1; }
	@$(BIN)/mypy

format: .venv/installed-dev ## rewrite the code in the house style
	@$(BIN)/ruff check --fix --quiet .
	@$(BIN)/ruff format .

bench: .venv/installed-dev ## benchmarks, minutes each
	@for bench in tests/bench/bench_*.py; do echo "==> $$bench"; $(BIN)/python $$bench || exit 1; done

soak: .venv/installed-dev ## slow tests: restarts, long runs
	@$(BIN)/pytest -m slow --ignore=tests/bench $(ARGS)

# uv resolves; torch comes from PyTorch's CPU index (TORCH= says otherwise).
TORCH ?= --torch-backend cpu
COMPILE = build/lock/bin/uv pip compile --quiet --upgrade --python-version 3.11 --no-header --no-annotate $(TORCH)
CONSTRAINTS_HEAD = sed -n '/^\#/p; /^[^\#]/q' constraints.txt
LOCK_HEAD = sed -n '/^\#/p; /^[^\#]/q' deploy/requirements.lock

lock: ## resolve anew: constraints.txt and deploy/requirements.lock
	@test -x build/lock/bin/uv || { $(PYTHON) -m venv build/lock && build/lock/bin/pip install -q uv; }
	@$(COMPILE) --extra dev pyproject.toml -o build/constraints.new > /dev/null
	@{ $(CONSTRAINTS_HEAD); sed 's/+cpu$$//' build/constraints.new; } > build/constraints.txt
	@mv build/constraints.txt constraints.txt
	@$(COMPILE) --extra postgres --generate-hashes -c constraints.txt pyproject.toml -o build/lock.new > /dev/null
	@{ $(LOCK_HEAD); cat build/lock.new; } > build/requirements.lock
	@mv build/requirements.lock deploy/requirements.lock
	@echo "constraints.txt and deploy/requirements.lock are new; run 'make test' before committing"

clean: ## remove everything that was made here, the virtual environment too
	rm -rf .venv build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/bin/python:
	@test -n "$(PYTHON)" || { echo "Downdraft needs Python 3.11 or newer with its venv module;" \
		"found: $$(python3 --version 2>&1 || echo none). Install it (Debian: python3-venv)" \
		"or say 'make PYTHON=/path/to/python3.11'." >&2; exit 1; }
	@echo "==> making .venv with $$($(PYTHON) --version)"
	@$(PYTHON) -m venv .venv

# The stamps are newer than what they were made from, so that a second run starts at once.
.venv/installed: pyproject.toml constraints.txt | .venv/bin/python
	@echo "==> installing Downdraft and what it needs (the first time takes a few minutes)"
	@$(PIP) -e .
	@touch $@

.venv/installed-dev: pyproject.toml constraints.txt | .venv/bin/python
	@echo "==> installing Downdraft and what its tests need (the first time takes a few minutes)"
	@$(PIP) -e '.[dev]'
	@touch .venv/installed $@
