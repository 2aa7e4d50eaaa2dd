# Everything a newcomer types. Each target sets up what it needs; nothing is installed outside
# .venv and .cache.

VENV ?= .venv
HAWKEARS ?= .cache/hawkears
TEST_PROCESSES ?= 2
BIN := $(VENV)/bin
export DO_NOT_TRACK = 1
export PREFECT_SERVER_ANALYTICS_ENABLED = false
export PIP_DISABLE_PIP_VERSION_CHECK = 1

.PHONY: demo test test-hawkears test-gpu faults guarantees fuzz soak services check format bench clean help

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

demo: $(VENV)/.ready ## hear real birds in a real recording
	$(BIN)/python tools/demo.py

test: $(VENV)/.ready-dev ## all tests but the long faults and those that need HawkEars 2.3 or a GPU
	$(BIN)/python -m pytest -n $(TEST_PROCESSES) --dist loadgroup --no-loadscope-reorder

soak: $(VENV)/.ready-dev ## a night of faults over 10,000 chunks, in some minutes; with SEED=7 that night again
	$(BIN)/python -m tests.faults.soak --chunks $(or $(CHUNKS),10000) $(if $(SEED),--seed $(SEED))

test-hawkears: $(VENV)/.ready-dev ## build the HawkEars 2.3 environment once, and test with it
	PYTHON=$(BIN)/python tools/make_hawkears_env.sh $(HAWKEARS)
	BADC_TEST_HAWKEARS=$(abspath $(HAWKEARS)) $(BIN)/python -m pytest -m hawkears tests/hawkears

test-gpu: $(VENV)/.ready-dev ## the tests that need an NVIDIA GPU
	$(BIN)/python -m pytest -m gpu tests/gpu

faults: $(VENV)/.ready-dev ## servers killed, disks full, clocks jumping (mounting needs root)
	$(BIN)/python -m pytest -m 'faults or not faults' tests/faults

guarantees: $(VENV)/.ready-dev ## each protection of docs/guarantees.md taken away, and missed
	$(BIN)/python tools/remove_protections.py

fuzz: $(VENV)/.ready-dev ## 100,000 odd or broken files for each reader
	$(BIN)/python -m tests.fuzz --inputs 100000

services: ## as root on Debian: install Slurm, PostgreSQL and Chromium for the tests that use them
	tools/install_services.sh

check: $(VENV)/.ready-dev ## linters, types, import directions
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/.ready-dev ## put the code into the house form
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

bench: $(VENV)/.ready-dev ## where the time goes, as ratios in one run
	$(BIN)/python -m benchmarks

clean: ## forget environments and caches
	rm -rf $(VENV) .cache .mypy_cache .ruff_cache .pytest_cache .hypothesis

# The oldest interpreter that will do is 3.11; 'python3' is taken where it is new enough.
$(VENV)/bin/python:
	@for python in $(PYTHON) python3 python3.11 python3.12 python3.13 python3.14; do \
	  if $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	    echo "Making $(VENV) with $$($$python --version)"; exec $$python -m venv $(VENV); \
	  fi; \
	done; echo "BADC needs Python 3.11 or later; name one with 'make PYTHON=/path/to/python …'" >&2; exit 1

$(VENV)/.ready: $(VENV)/bin/python pyproject.toml constraints.txt
	$(BIN)/python -m pip install -q -c constraints.txt -e '.[birdnet]'
	touch $@

$(VENV)/.ready-dev: $(VENV)/.ready
	$(BIN)/python -m pip install -q -c constraints.txt -e '.[dev]'
	touch $@
