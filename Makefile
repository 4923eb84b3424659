# make demo   install, run the pipeline on samples/, print the top friction points, serve the pages
# make test   install, run the tests
# make screenshots   take the README's pictures anew, from the samples; needs Chromium
#
# make bench-themes   measure the theme engine beside its rivals; hours on two cores
# make bench-causes   measure causes, trends and ranks on planted truth; half an hour on two cores
# make bench-load     ask a server over 300,000 statements 50,000 mixed questions; ten minutes on two cores
# make bench-search   measure search by meaning, by words and by both; some minutes on two cores
#
# PYTHON       the interpreter that makes .venv (3.11 or newer)
# SERVE=0      `make demo` stops after printing
# TORCH_INDEX  one more package index to look for torch in. On Linux the default build of torch
#              brings gigabytes of CUDA libraries that nothing here uses; the CPU build is at
#              TORCH_INDEX=https://download.pytorch.org/whl/cpu
# WORKERS      processes that run tests, a file at a time, the long ones first (tests/conftest.py);
#              0 runs them in one, where a debugger can stop
# PYTEST_ARGS  handed to pytest: make test PYTEST_ARGS="-k owners"
# BENCH_ARGS   handed to the bench: make bench-themes BENCH_ARGS="--quick --only labels"
# WHOLE=1      `make test` runs all of ../shared/data, not a part of it; that takes half an hour or more

PYTHON ?= python3
TORCH_INDEX ?=
SERVE ?= 1
WORKERS ?= 2
PYTEST_ARGS ?=
BENCH_ARGS ?=

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet --progress-bar off
INSTALLED := $(VENV)/.installed
INSTALLED_DEV := $(VENV)/.installed-dev
VENV_BENCH := .venv-bench
INSTALLED_BENCH := $(VENV_BENCH)/.installed

.PHONY: install demo test screenshots bench-themes bench-causes bench-load bench-search lint types format lock clean
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
	@OPENBLAS_NUM_THREADS=1 PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder $(PYTEST_ARGS)

screenshots: $(INSTALLED_DEV)
	@$(BIN)/python -m tests.screenshots

# The rivals stand on top of .venv and leave it as it is: what .venv has is seen, not installed again.
$(INSTALLED_BENCH): requirements-bench.lock $(INSTALLED)
	@echo "[bench] installing the rivals in $(VENV_BENCH)"
	@$(BIN)/python -m venv --clear $(VENV_BENCH)
	@$(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))' \
		> "$$($(VENV_BENCH)/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/main.pth"
	@$(VENV_BENCH)/bin/python -m pip --disable-pip-version-check install --quiet --progress-bar off \
		-r requirements-bench.lock
	@touch $@

bench-themes: $(INSTALLED_BENCH)
	@OPENBLAS_NUM_THREADS=$${OPENBLAS_NUM_THREADS:-1} $(VENV_BENCH)/bin/python -m tests.bench.themes $(BENCH_ARGS)

bench-causes: $(INSTALLED)
	@OPENBLAS_NUM_THREADS=$${OPENBLAS_NUM_THREADS:-1} $(BIN)/python -m tests.bench.causes.bench $(BENCH_ARGS)

bench-load: $(INSTALLED)
	@OPENBLAS_NUM_THREADS=$${OPENBLAS_NUM_THREADS:-1} $(BIN)/python -m tests.bench.load.bench $(BENCH_ARGS)

bench-search: $(INSTALLED)
	@OPENBLAS_NUM_THREADS=$${OPENBLAS_NUM_THREADS:-1} $(BIN)/python -m tests.bench.search $(BENCH_ARGS)

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
	@$(LOCK) --group pyproject.toml:bench --constraint requirements.lock --output-file requirements-bench.lock

clean:
	@rm -rf .groundswell .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache build *.egg-info
