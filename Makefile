.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: audit help run test faults fuzz lint format check bench screenshots translations \
	requirements venv dev

PYTHON := .venv/bin/python

help: ## Show this list
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 16

run: venv translations ## Start everything: PORT=8000, DATA_DIR=.data
	@$(PYTHON) -m config.run

test: dev translations ## Run all tests (PYTEST="-k name" for some)
	@scripts/find-browser
	@$(PYTHON) -m pytest -n 2 --dist worksteal $(PYTEST)

faults: dev translations ## Prove it under kills and outages
	@scripts/find-pgbouncer >/dev/null
	@$(PYTHON) -m pytest -m faults $(PYTEST)

fuzz: dev ## Ask the API many wrong things: FUZZ_EXAMPLES=200
	@FUZZ_EXAMPLES=$${FUZZ_EXAMPLES:-200} $(PYTHON) -m pytest -n 2 tests/test_api_fuzz.py

lint: dev ## Look for mistakes
	@.venv/bin/ruff check .

format: dev ## Lay the code out
	@.venv/bin/ruff format .
	@.venv/bin/ruff check --fix --select I .

check: dev ## Check formatting, settings and migrations
	@.venv/bin/ruff format --check .
	@$(PYTHON) manage.py check --fail-level WARNING
	@$(PYTHON) manage.py makemigrations --check --dry-run

audit: dev ## Look for holes in the code (bandit) and in packages (pip-audit)
	@.venv/bin/bandit --quiet --recursive --configfile pyproject.toml .
	@scripts/audit-packages

bench: dev ## Measure the hot paths
	@$(PYTHON) -m benchmarks

screenshots: dev translations ## Make the pictures in docs/images/ again
	@scripts/find-browser
	@$(PYTHON) scripts/screenshots

translations: ## Compile locale/*/LC_MESSAGES/*.po
	@$(PYTHON) -m config.translations

requirements: dev ## Compile requirements*.txt from requirements*.in
	@for name in requirements requirements-dev; do \
	  .venv/bin/pip-compile --quiet --strip-extras --no-emit-index-url \
	    --no-emit-trusted-host --no-emit-find-links --no-header \
	    --annotation-style=line --output-file $$name.txt $$name.in; \
	done

venv:
	@scripts/make-venv requirements.txt

dev:
	@scripts/make-venv requirements.txt requirements-dev.txt
