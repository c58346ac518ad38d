# The commands a newcomer needs are `make run` and `make test`; the rest is for those who work on the site.
SHELL := /bin/sh
PYTHON ?= python3
HOST ?= 127.0.0.1
PORT ?= 8000
export HOST PORT
VENV := .venv
BIN := $(VENV)/bin
# What pytest is told; the tests of one file stay together. One process more than cores: some wait for browsers and servers.
PYTEST ?= -n $(shell expr $$(getconf _NPROCESSORS_ONLN) + 1) --dist loadfile

.PHONY: help run dev admin test test-python test-postgres torture check format requirements screenshot judges outside audit lighthouse

help:
	@echo "make run [PORT=8000] [HOST=127.0.0.1]   start the site"
	@echo "make admin                              make a staff login with all rights"
	@echo "make dev                                start the site for working on it: reloads by itself"
	@echo "make test                               all checks and tests, real browser included"
	@echo "make test-postgres                      the tests that open the database, on a real PostgreSQL 15"
	@echo "make torture                            the long forms of the tests of attack and failure (hours)"
	@echo "make format                             put Python into the house's form"
	@echo "make screenshot                         take the picture of the README anew"
	@echo "make judges                             Nu checker and Lighthouse on the running site (Java, Node, npm)"
	@echo "make lighthouse                         Lighthouse alone"
	@echo "make audit                              known holes in the pinned packages (needs the network)"
	@echo "make outside                            MDN Observatory and wapiti on the site behind nginx with TLS"
	@echo "make requirements                       pin the newest allowed versions, with hashes"

run: $(VENV)/run
	@$(BIN)/python manage.py serve

dev: $(VENV)/test
	@DJANGO_SETTINGS_MODULE=mesoinfo.settings.dev $(BIN)/python manage.py serve --reload

admin: $(VENV)/run
	@$(BIN)/python manage.py migrate --verbosity 0
	@$(BIN)/python manage.py createsuperuser $${DJANGO_SUPERUSER_PASSWORD:+--noinput}

$(BIN)/python:
	@command -v $(PYTHON) >/dev/null 2>&1 || { echo "Python 3.11 or newer is needed and $(PYTHON) was not found. Install it, or say PYTHON=/path/to/python." >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; $(PYTHON) is $$($(PYTHON) --version 2>&1). Say PYTHON=python3.11 if you have it." >&2; exit 1; }
	@echo "Making $(VENV) …"
	@$(PYTHON) -m venv $(VENV) || { echo "Python cannot make a virtual environment. On Debian install python3-venv." >&2; rm -rf $(VENV); exit 1; }

$(VENV)/run: requirements.txt | $(BIN)/python
	@echo "Installing what the site needs …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

$(VENV)/test: requirements-dev.txt $(VENV)/run
	@echo "Installing what the tests need …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@

test: $(VENV)/test
	@sh tests/programs.sh
	@$(MAKE) --no-print-directory check
	@$(BIN)/python -m pytest $(PYTEST)

test-postgres: $(VENV)/test
	@sh tests/programs.sh
	@sh tests/postgres.sh $(BIN)/python -m pytest $(PYTEST)

# One after another: most of these tests load both cores by themselves.
torture: $(VENV)/test
	@sh tests/programs.sh
	@TORTURE=$${TORTURE:-1} $(BIN)/python -m pytest -m torture $(TORTURE_TESTS)

check: $(VENV)/test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check --quiet .
	$(BIN)/mypy --no-error-summary mesoinfo procedures
	$(BIN)/bandit --quiet --configfile pyproject.toml --recursive mesoinfo procedures
	$(BIN)/djlint templates --lint --quiet
	DJANGO_SETTINGS_MODULE=mesoinfo.settings.test $(BIN)/python manage.py makemigrations --check --dry-run
	DJANGO_SETTINGS_MODULE=mesoinfo.settings.test $(BIN)/python manage.py check --fail-level WARNING
	DJANGO_SETTINGS_MODULE=mesoinfo.settings.test $(BIN)/python manage.py check_content

format: $(VENV)/test
	$(BIN)/ruff check --fix --quiet . || true
	$(BIN)/ruff format .

screenshot: $(VENV)/test
	@$(BIN)/python tests/looking.py screenshot

audit: $(VENV)/test
	@sh tests/audit.sh $(BIN)

outside: $(VENV)/test
	@$(BIN)/python tests/outside.py

judges: $(VENV)/test
	@$(BIN)/python tests/looking.py judges

lighthouse: $(VENV)/test
	@$(BIN)/python tests/looking.py lighthouse

requirements:
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile --quiet --upgrade --generate-hashes --no-emit-index-url --no-header --universal --python-version 3.11 requirements.in -o requirements.txt
	$(BIN)/uv pip compile --quiet --upgrade --generate-hashes --no-emit-index-url --no-header --universal --python-version 3.11 requirements-dev.in -o requirements-dev.txt
