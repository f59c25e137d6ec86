.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed

.PHONY: help install run demo test test-services clients endurance lint format openapi bench lock clean

help: ## what can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-14s %s\n", $$1, $$2}'

install: $(INSTALLED) ## the locked dependencies and the command line, in .venv

$(INSTALLED): requirements.lock pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

run: install ## the console and the API with a demonstration, on the embedded default; prints what to try next; OPTIONS="--port 8001"
	$(BIN)/python -m demonstration serve $(OPTIONS)

demo: install ## the story of three referencings and a live session over HTTP, on a database of its own, and what was reused
	$(BIN)/python -m demonstration story

test: install ## the tests, without root and without any server but those that come from a package
	$(BIN)/python -m pytest -n logical --dist loadfile --no-loadscope-reorder -m "not services and not browser and not endurance"

test-services: install ## the tests that need servers or the browser of Debian's packages, which .ci/run installs
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder -m "services or browser"
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder tests/stories

clients: ## what generates the client in Python, in an environment of its own, for test-services
	$(PYTHON) -m venv $(VENV)/clients
	$(VENV)/clients/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes \
		--requirement tests/generated/python_story/requirements.lock

endurance: install ## 200 interruptions of uploads of 256 MiB; 1,000 kills of servers, workers, database and broker; 10,000 events to 20 webhooks through ten kills; state machines and drawn histories, ten times as many: an hour and more
	$(BIN)/python -m pytest -m endurance
	REFERENCING_TEST_EXAMPLES=10 $(BIN)/python -m pytest -n logical --dist loadfile $$(grep -rl thoroughness --include="test_*.py" tests)

lint: install ## ruff, mypy strict, import-linter
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: install ## let ruff rewrite what it can
	$(BIN)/ruff check --fix --quiet . || true
	$(BIN)/ruff format .

openapi: install ## record the API and its events as they are now, which the tests compare: read the difference before it is committed
	$(BIN)/python -m tests.structure.contract
	$(BIN)/python -m tests.structure.events
	$(BIN)/python -m tests.structure.rights

bench: install ## measure, as ratios side by side in one run; OPTIONS="duo --items 10", or --help
	$(BIN)/python -m bench $(OPTIONS)

lock: ## resolve the dependencies again, to their latest stable versions
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
		--no-emit-index-url --no-emit-find-links --upgrade --extra dev pyproject.toml --output-file requirements.lock
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
		--no-emit-index-url --no-emit-find-links --upgrade tests/generated/python_story/requirements.in \
		--output-file tests/generated/python_story/requirements.lock

clean: ## remove what make has made, the demonstration's database included
	rm -rf $(VENV) var .mypy_cache .ruff_cache .pytest_cache .hypothesis
