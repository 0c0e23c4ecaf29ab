# `make world` builds the sample into out/, `make test` runs all tests (those of kills fork, and so run in a process of their own); each sets up .venv first.
.DEFAULT_GOAL := world
VENV := .venv
UV := .uv
BIN := $(VENV)/bin
SOURCES := mc_city terrain buildings worlds tests data bench docs examples setup.py
BOUNDS := --ignore=tests/unit/test_start.py tests/property tests/unit tests/cases tests/end_to_end/test_invariants.py tests/end_to_end/test_layers.py tests/end_to_end/test_editions.py

# An environment of Python 3.11 or 3.12: with the one that is here, or one that uv fetches. Where uv is not installed either, it goes
# into a small environment of its own, made by whatever Python 3 there is.
$(VENV)/bin/python:
	@set -e; for name in python3.11 python3.12 python3 python; do \
	  if $$name -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 12))' 2>/dev/null; then found=$$name; break; fi; done; \
	if [ -n "$$found" ]; then $$found -m venv $(VENV); exit; fi; \
	if command -v uv >/dev/null; then uv venv --seed --python 3.12 $(VENV); exit; fi; \
	for name in python3 python py; do \
	  if $$name -c 'import sys; sys.exit(sys.version_info[0] < 3)' 2>/dev/null; then found=$$name; break; fi; done; \
	if [ -z "$$found" ]; then echo "mc-city needs Python 3: install it from python.org or your package manager, or install uv" >&2; exit 1; fi; \
	echo "fetching Python 3.12 for mc-city, into this folder's environment" >&2; \
	$$found -m venv $(UV) && $(UV)/bin/python -m pip install --quiet --disable-pip-version-check uv && $(UV)/bin/uv venv --seed --python 3.12 $(VENV)

# What users need, and what developers need. Three of Bedrock's packages come as source: uv compiles them side by side, for developers
# in half the time by optimising less. What uv cannot reach, pip may: it knows of mirrors that uv does not.
PIP = $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt
INSTALL = export CFLAGS="$$CFLAGS $(2)" CXXFLAGS="$$CXXFLAGS $(2)"; \
  $(PIP) uv && $(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python -c constraints.txt -e '.[$(1)]' || $(PIP) -e '.[$(1)]'
# Python would compile them at its first start, and at each one where it may not keep what it compiled.
COMPILED = $(BIN)/python -m compileall -q mc_city terrain buildings worlds
PACKAGES := $(VENV)/bin/python pyproject.toml constraints.txt setup.py

$(VENV)/.ready: $(PACKAGES)
	$(call INSTALL,bedrock,-g0)
	$(COMPILED)
	touch $@

$(VENV)/.ready-dev: $(PACKAGES)
	$(call INSTALL,dev,-g0 -O1)
	touch $(VENV)/.ready $@

.PHONY: world test kernels tools test-kills test-others test-slow stress bounds check bench bench-pairs bench-scale bench-exports profile clean
world: $(VENV)/.ready
	$(BIN)/mc-city build

check: $(VENV)/.ready-dev
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/ruff format --check $(SOURCES)
	$(BIN)/mypy
	$(BIN)/lint-imports

test: test-kills test-others

# On all processors, before tests on each of them compile the same.
kernels: $(VENV)/.ready-dev
	$(COMPILED) tests
	$(BIN)/python -m worlds.ahead

# What tests run of others: fetched while kernels are compiled, or by the tests themselves.
tools: $(VENV)/.ready-dev
	-$(BIN)/python -m tests.packs.programs

test-kills: kernels
	$(BIN)/python -m pytest tests/kills

test-others: kernels tools
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder --ignore=tests/kills

test-slow: $(VENV)/.ready-dev
	$(BIN)/python -m pytest -m slow

stress: $(VENV)/.ready-dev
	$(BIN)/python -m pytest -m stress

# Kernels compiled so that an index past an end or below zero raises, with a cache of their own: the tests that draw, then random cities
# that change.
bounds: export NUMBA_BOUNDSCHECK = 1
bounds: export NUMBA_CACHE_DIR = $(CURDIR)/.bounds-cache
bounds: export PYTHONPATH = $(CURDIR)/tests/strict
bounds: $(VENV)/.ready-dev
	$(BIN)/python -m pytest $(BOUNDS)
	HYPOTHESIS_PROFILE=default $(BIN)/python -m pytest tests/property/test_random_cities.py -k water

bench: $(VENV)/.ready-dev
	$(BIN)/python -m bench.run

# Whole commands against another checkout, in turn: make bench-pairs BESIDE=../mc-city-0.4 EXTRACT=town.osm.pbf
bench-pairs: $(VENV)/.ready-dev
	$(BIN)/python -m bench.pairs $(BESIDE) $(if $(EXTRACT),--extract $(EXTRACT))

# What a region costs in small and large areas, what memory, and what a second job saves.
bench-scale: $(VENV)/.ready-dev
	$(BIN)/python -m bench.scale

# What the city outside the game costs, and its memory for 8 x 8 km.
bench-exports: $(VENV)/.ready-dev
	$(BIN)/python -m bench.exports

# Where a build spends its time: make profile CONFIG=configs/sundsvall.toml
profile: $(VENV)/.ready-dev
	$(BIN)/python -m bench.stages $(CONFIG)

clean:
	rm -rf out .out.partial .out.regions .out.lock .bounds-cache $(VENV) $(UV)
