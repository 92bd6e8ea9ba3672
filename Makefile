# 引路. `make run` and `make test` need Python 3.11 or newer and nothing else.
PYTHON ?= python3
PORT ?= 8080
# Of two cores: much of the suite waits for processes that it starts. The slow tests start more.
WORKERS ?= 4
SLOW_WORKERS ?= 3
VENV := .venv
BIN := $(VENV)/bin
# A real Matrix server for the slow tests, in an environment of its own: it is no part of the product.
SYNAPSE := .synapse
# Feishu's own client, for a slow test as well: 10,700 files, and it wants older packages than ours.
LARK := .lark
ROOMS := bot cells sandbox handlers services papers scheduler models domain messenger botapi gateway locales benchmarks
# Tests start hundreds of processes; each would compile every module anew.
export PYTHONDONTWRITEBYTECODE :=
LOCK := --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--no-emit-find-links --no-header --no-annotate --allow-unsafe --quiet

.PHONY: run dist test test-slow check bench clean lock texts rules rulebook rooms taps pictures format

run: $(VENV)/.run
	$(BIN)/yinlu run --port $(PORT)

# A wheel in dist/. What an older build left would go into it.
dist: $(VENV)/.run
	rm -rf build dist
	$(BIN)/pip wheel --quiet --disable-pip-version-check --no-deps --no-build-isolation -w dist .
	rm -rf build

test: $(VENV)/.dev
	$(BIN)/pytest -n $(WORKERS) --dist worksteal -m "not slow"

test-slow: $(VENV)/.dev $(SYNAPSE)/.made $(LARK)/.made
	$(BIN)/pytest -n $(SLOW_WORKERS) --dist worksteal -m "slow or hypothesis" --hypothesis-profile=many

check: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy $(addprefix -p ,$(ROOMS))
	$(BIN)/lint-imports
	$(BIN)/python -m locales check
	$(BIN)/python -m papers.layout check
	$(BIN)/python -m docs.rules check
	$(BIN)/python -m docs.rulebook check
	$(BIN)/python -m docs.rooms check
	$(BIN)/python -m docs.taps check
	$(BIN)/python -m docs.translated check
	$(BIN)/python -m docs.structure

bench: $(VENV)/.dev
	$(BIN)/python -m benchmarks

texts: $(VENV)/.dev
	$(BIN)/python -m locales update

rules: $(VENV)/.dev
	$(BIN)/python -m docs.rules write

rulebook: $(VENV)/.dev
	$(BIN)/python -m docs.rulebook write

rooms: $(VENV)/.dev
	$(BIN)/python -m docs.rooms write

taps: $(VENV)/.dev
	$(BIN)/python -m docs.taps write

pictures: $(VENV)/.dev
	$(BIN)/python -m docs.pictures

format: $(VENV)/.dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lock: $(VENV)/.dev
	$(BIN)/pip install --quiet uv
	$(BIN)/uv pip compile pyproject.toml $(LOCK) --extra run -o requirements.lock
	$(BIN)/uv pip compile pyproject.toml $(LOCK) --extra run --extra dev \
		-c requirements.lock -o requirements-dev.lock

clean:
	rm -rf var

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		(echo "引路 needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) -V 2>&1)." >&2; exit 1)
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run: requirements.lock pyproject.toml | $(VENV)/bin/python
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

$(VENV)/.dev: requirements-dev.lock $(VENV)/.run
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	touch $@

$(SYNAPSE)/.made:
	$(PYTHON) -m venv $(SYNAPSE)
	$(SYNAPSE)/bin/pip install --quiet --disable-pip-version-check matrix-synapse==1.163.2 && touch $@ || \
		(echo "Synapse can't be had here: the tests with a Matrix server are skipped." >&2; rm -rf $(SYNAPSE))

$(LARK)/.made:
	$(PYTHON) -m venv $(LARK)
	$(LARK)/bin/pip install --quiet --disable-pip-version-check lark-oapi==1.7.5 && touch $@ || \
		(echo "lark-oapi can't be had here: the tests with Feishu's client are skipped." >&2; rm -rf $(LARK))
