# make demo   install, run the pipeline on samples/, print the top friction points, serve the pages
# make test   install, run the tests
#
# PYTHON       the interpreter that makes .venv (3.11 or newer)
# SERVE=0      `make demo` stops after printing
# TORCH_INDEX  one more package index to look for torch in. On Linux the default build of torch
#              brings gigabytes of CUDA libraries that nothing here uses; the CPU build is at
#              TORCH_INDEX=https://download.pytorch.org/whl/cpu
# PYTEST_ARGS  handed to pytest: make test PYTEST_ARGS="-k owners"
# WHOLE=1      `make test` runs all of ../shared/data, not a part of it; that takes half an hour or more

PYTHON ?= python3
TORCH_INDEX ?=
SERVE ?= 1
PYTEST_ARGS ?=

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet --progress-bar off
INSTALLED := $(VENV)/.installed
INSTALLED_DEV := $(VENV)/.installed-dev

.PHONY: install demo test lint types format lock clean
.DEFAULT_GOAL := demo

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Groundswell needs Python 3.11 or newer; try: make PYTHON=python3.12 demo"; exit 1; }
	@echo "[1/4] creating $(VENV)"
	@$(PYTHON) -m venv $(VENV)

$(INSTALLED): requirements.lock pyproject.toml | $(BIN)/python
	@echo "[2/4] installing torch (the largest part; a minute or more)"
	@$(PIP) $(if $(TORCH_INDEX),--extra-index-url $(TORCH_INDEX)) "$$(grep '^torch==' requirements.lock)"
	@echo "[3/4] installing the locked packages"
	@$(PIP) -r requirements.lock
	@echo "[4/4] installing groundswell"
	@$(PIP) --no-deps --no-build-isolation -e .
	@touch $@

$(INSTALLED_DEV): requirements-dev.lock $(INSTALLED)
	@echo "[dev] installing test and lint tools"
	@$(PIP) -r requirements-dev.lock
	@touch $@

install: $(INSTALLED)

demo: $(INSTALLED)
	@$(BIN)/groundswell demo $(if $(filter 0,$(SERVE)),--no-serve)

test: $(INSTALLED_DEV)
	@OPENBLAS_NUM_THREADS=1 $(BIN)/python -m pytest $(PYTEST_ARGS)

lint: $(INSTALLED_DEV)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/lint-imports

types: $(INSTALLED_DEV)
	@$(BIN)/mypy

format: $(INSTALLED_DEV)
	@$(BIN)/ruff check --fix-only --quiet .
	@$(BIN)/ruff format .

# Writes both locks anew from pyproject.toml; needs uv on the PATH.
LOCK := uv pip compile --quiet --universal --python-version 3.11 --custom-compile-command "make lock"

lock:
	@$(LOCK) pyproject.toml --output-file requirements.lock
	@$(LOCK) --group pyproject.toml:dev --constraint requirements.lock --output-file requirements-dev.lock

clean:
	@rm -rf .groundswell .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache build *.egg-info
