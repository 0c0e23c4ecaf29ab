# `make world` builds the sample into out/, `make test` runs all tests; each sets up .venv first.
.DEFAULT_GOAL := world
VENV := .venv
BIN := $(VENV)/bin
SOURCES := mc_city terrain buildings worlds tests data bench

$(VENV)/.ready: pyproject.toml constraints.txt
	@set -e; for name in python3.11 python3.12 python3 python; do \
	  if $$name -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 12))' 2>/dev/null; then found=$$name; break; fi; done; \
	if [ -n "$$found" ]; then $$found -m venv $(VENV); \
	elif command -v uv >/dev/null; then uv venv --seed --python 3.12 $(VENV); \
	else echo "mc-city needs Python 3.11 or 3.12: install it from python.org or your package manager, or install uv" >&2; exit 1; fi
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	touch $@

.PHONY: world test test-slow stress check bench clean
world: $(VENV)/.ready
	$(BIN)/mc-city build

check: $(VENV)/.ready
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/ruff format --check $(SOURCES)
	$(BIN)/mypy
	$(BIN)/lint-imports

test: $(VENV)/.ready
	$(BIN)/python -m pytest -n 2 --dist loadfile

test-slow: $(VENV)/.ready
	$(BIN)/python -m pytest -m slow

stress: $(VENV)/.ready
	$(BIN)/python -m pytest -m stress

bench: $(VENV)/.ready
	$(BIN)/python -m bench.run

clean:
	rm -rf out .out.partial .out.lock $(VENV)
