# make run    everything, from nothing: application on PORT, demo identity provider on IDP_PORT
# make test   all tests
# make bench  speed, side by side with other implementations where they are installed (QUICK=1: a short look)
# make fuzz   changed SAML messages for SECONDS, with a new SEED each time
# make lint   ruff, mypy, djlint
# make guides write docs/admins/identity-providers from organizations/guides
# make lock   pin what requirements*.in ask for, with hashes

PYTHON ?= python3
PORT ?= 8000
IDP_PORT ?= 8001
VENV := .venv
BIN := $(VENV)/bin
export PORT IDP_PORT

.PHONY: run test bench fuzz lint lock guides screenshots clean

run: $(VENV)/.installed
	@$(BIN)/python -W ignore -m demo.run

test: $(VENV)/.installed-dev lint
	$(BIN)/python -m pytest -n auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder

bench: $(VENV)/.installed-dev
	@$(BIN)/python -W ignore -m bench

fuzz: $(VENV)/.installed-dev
	@$(BIN)/python -m tests.saml.fuzz

lint: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/djlint --quiet --lint templates demo/templates

lock: $(VENV)/.installed-dev
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header requirements.in -o requirements.txt
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header requirements-dev.in -o requirements-dev.txt

guides: $(VENV)/.installed-dev
	$(BIN)/python -m tests.guides_in_docs

screenshots: $(VENV)/.installed-dev
	$(BIN)/python -m tests.browser.screenshots

clean:
	rm -rf $(VENV) instance

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed; this is " + sys.version.split()[0] + ". Try: make run PYTHON=python3.12" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: requirements.txt | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	touch $@

$(VENV)/.installed-dev: $(VENV)/.installed requirements-dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	touch $@
