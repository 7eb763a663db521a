# make run: everything a newcomer needs. make test: everything that must hold.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: run test check faults bench format catalogues migration lock

run: $(VENV)/.run
	@$(BIN)/recado up

test: $(VENV)/.test browser clients
	@tools/check

# The same without the browser journeys and the faults: for every few minutes.
check: $(VENV)/.test
	@tools/check quick

# Kills and stops real processes at random for some minutes, then counts what was lost or doubled.
faults: $(VENV)/.test
	$(BIN)/python -m tests.faults.campaign --minutes $(or $(minutes),5)

# Every budget with what this machine reaches, and each benchmark's table beside a bare reference.
bench: $(VENV)/.run
	@$(BIN)/recado bench $(or $(only),budgets) --seconds $(or $(seconds),10) --rate $(or $(rate),40)

format: $(VENV)/.test
	$(BIN)/ruff format . && $(BIN)/ruff check --fix .

catalogues: $(VENV)/.test
	$(BIN)/python -m tools.catalogues --write

migration: $(VENV)/.test
	$(BIN)/python -m tools.migration "$(name)"

lock:
	uv pip compile -q --universal --python-version 3.11 --generate-hashes requirements.in -o requirements.txt
	uv pip compile -q --universal --python-version 3.11 --generate-hashes requirements-dev.in -o requirements-dev.txt

$(VENV)/.made:
	@tools/environment $(PYTHON) $(VENV)
	@touch $@

$(VENV)/.run: $(VENV)/.made requirements.txt pyproject.toml
	@echo "Installing Recado (once; about a minute) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@$(BIN)/python -m compileall -q recado  # a third of each start, where Python may not keep what it compiles
	@touch $@

$(VENV)/.test: $(VENV)/.run requirements-dev.txt
	@echo "Installing what the tests need (once) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@

.PHONY: browser clients
browser:
	@tools/browser

clients:
	@tools/clients
