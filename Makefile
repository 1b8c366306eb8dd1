# Mainstay. Every target sets up .venv by itself: nothing is needed but Python (3.11 or later) and make.
#   make demo                      the main job on a simulated person, into ./demo
#   make test                      every test that is not marked long
#   make PYTHON=python3.13 test    the same with another Python (remove .venv first: make clean)

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
PEERS := .venv-bench
PEERS_READY := $(PEERS)/.ready
BENCHMARKS := ou_state_space ou_batch self_correcting strain_fit apple_health casebook_streams change_detection change_points case_series early_warning noticing futures next_day effect_sizes trials
WORKERS ?= 2
# The workers fill the cores: threads of linear algebra beside them only get in each other's way.
export OMP_NUM_THREADS ?= 1
export OPENBLAS_NUM_THREADS ?= 1

.DEFAULT_GOAL := help
.PHONY: help setup demo test lint format bench docs calibration faults clean

help: ## list these targets
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' $(firstword $(MAKEFILE_LIST)) | expand -t 20

setup: $(READY) ## set up .venv from pyproject.toml and constraints.txt

$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Mainstay needs Python 3.11 or later; $$($(PYTHON) -V) was found. Try: make PYTHON=python3.12" >&2; exit 1; }
	@echo "Setting up $(VENV) (a minute or two, once) ..."
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install -qq --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@

demo: $(READY) ## tell the story of a simulated person and draw the picture, into ./demo
	@$(BIN)/mainstay demo --out demo --again

test: $(READY) ## every test that is not marked long
	$(BIN)/python -m pytest -n $(WORKERS)

lint: $(READY) ## style, types and the import order
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(READY) ## put the code into the house style
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# Peers live in an environment of their own: nothing of theirs is ever needed by the package or its tests.
$(PEERS_READY): benchmarks/requirements.txt
	@echo "Setting up $(PEERS), the peers we are compared with (some minutes, once) ..."
	@test -x $(PEERS)/bin/python || $(PYTHON) -m venv $(PEERS)
	@$(PEERS)/bin/python -m pip install -qq --disable-pip-version-check -r benchmarks/requirements.txt
	@touch $@

bench: $(PEERS_READY) ## every benchmark, each beside its peers, with ratios
	@rm -rf $(PEERS)/kernels
	@for name in $(BENCHMARKS); do \
	  echo "== $$name"; \
	  PYTHONPATH=src NUMBA_CACHE_DIR=$(PEERS)/kernels PYTHONWARNINGS=ignore \
	    $(PEERS)/bin/python benchmarks/$$name.py || exit 1; \
	done

docs: $(READY) ## write the generated reference pages and check every link inside the project
	$(BIN)/python docs/build.py

calibration: $(READY) ## the long checks: coverage, false alarms, power
	$(BIN)/python -m pytest -n $(WORKERS) -m long --ignore=tests/faults

faults: $(READY) ## the long checks of kills, torn files and tampering
	$(BIN)/python -m pytest -n $(WORKERS) -m "long or not long" tests/faults

clean: ## remove .venv, the demo and every cache
	rm -rf $(VENV) $(PEERS) demo build dist src/*.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find src tests docs benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +
