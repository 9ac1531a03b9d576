# Two commands matter: `make run` and `make test`. `make help` lists the rest.

PYTHON3 ?= python3
PORT ?= 8000
VENV := .venv
PYTHON := $(VENV)/bin/python
RUNTIME := $(VENV)/.runtime-installed
DEVELOPMENT := $(VENV)/.development-installed
MANUAL := $(VENV)/.manual-installed
PIP_INSTALL := $(PYTHON) -m pip install --quiet --quiet --disable-pip-version-check --require-hashes
MESSAGES := $(patsubst %.po,%.mo,$(wildcard locale/*/LC_MESSAGES/*.po))
PACKAGES := config operations reports timesheets campaigns core
TEMPLATES = $(shell find templates -name '*.html' -o -name '*.txt')
CORE := not postgres and not browser and not server and not soak
CHECKS := check-format check-lint check-types check-imports check-templates check-migrations check-deployment
SQLITE := env -u TEST_DATABASE_URL -u TEST_REDIS_URL
PYTEST_ARGS ?=
# Days that dates go wrong on: the eve of a leap day, the last evening of a year (in Paris it is over), a week 53.
CLOCKS := 2028-02-28T22:30Z 2027-12-31T23:30Z 2032-12-27T05:30Z
CLOCK ?= $(word $(shell expr $$(date +%j) % $(words $(CLOCKS)) + 1),$(CLOCKS))
# Side by side; the tests of a file stay together and share what they prepare.
PYTEST := -m pytest -p no:faker -n auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder --durations 25
# One file alone: without the plugins that it does not use.
FILE_WITH = $(shell grep -rlE "$(1)" $(firstword $(subst ::, ,$(FILE))))
PYTEST_FILE = -m pytest -p no:faker -p no:xdist -p no:xdist.looponfail \
	$(if $(call FILE_WITH,hypothesis),,-p no:hypothesispytest -p no:schemathesis -p no:anyio) \
	$(if $(call FILE_WITH,playwright|live_server|page\.goto),,-p no:playwright)

# What `check --deploy` is asked about: the settings of a real installation.
PRODUCTION := EMBEDDED=false DEBUG=false SECRET_KEY=for-checks-only-$(shell printf '%040d' 7) \
	DATABASE_URL=postgres://retour:retour@localhost/retour BROKER_URL=redis://localhost CACHE_URL=redis://localhost \
	SITE_URL=https://retour.example.com ALLOWED_HOSTS=retour.example.com EMAIL_URL=smtp://localhost:25
# What tools that only need a Django, and no data, run with.
NO_DATA := EMBEDDED=true DATABASE_URL=sqlite://:memory: SECRET_KEY=for-checks-only-$(shell printf '%040d' 7)

.PHONY: help run test t test-core test-clock next-django check $(CHECKS) soak bench docs lock messages screenshots format clean
.DEFAULT_GOAL := help

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: $(RUNTIME) $(MESSAGES) ## run Retour with a demo agency at http://127.0.0.1:8000 (PORT=8123 for another port, DEMO_LANGUAGE=fr for a demo in French, EMPTY=1 for an agency of your own)
	@exec $(PYTHON) tools/run.py --port "$(PORT)" $(if $(EMPTY),--empty) $(if $(DEMO_LANGUAGE),--language "$(DEMO_LANGUAGE)") \
		--parent $$PPID

# On SQLite beside the others, of which many wait for a server, a browser or another process; it has the last word.
SAID := var/tests/sqlite.log
test: $(DEVELOPMENT) $(MESSAGES) ## run every test on PostgreSQL, Redis, Chromium, Firefox and WebKit, and beside it those of the database again on SQLite
	@mkdir -p $(dir $(SAID))
	$(SQLITE) $(PYTHON) $(PYTEST) -n 0 -m "database and not once and $(CORE)" $(PYTEST_ARGS) > $(SAID) 2>&1 & sqlite=$$!; \
		$(PYTHON) -m tests.servers $(PYTHON) $(PYTEST) -m "not soak" $(PYTEST_ARGS); servers=$$?; \
		wait $$sqlite; sqlite=$$?; cat $(SAID); test $$servers = 0 -a $$sqlite = 0

t: $(DEVELOPMENT) $(MESSAGES) ## run one file, or one test of it: make t FILE=tests/core/test_weeks.py
	@test -n "$(FILE)" || { echo "Name a file: make t FILE=tests/core/test_weeks.py"; exit 2; }
	@$(PYTHON) $(PYTEST_FILE) --quiet $(FILE) $(PYTEST_ARGS)

test-core: $(DEVELOPMENT) $(MESSAGES) ## run the core suite on SQLite, with no server at all
	$(SQLITE) $(PYTHON) $(PYTEST) -m "$(CORE)" $(PYTEST_ARGS)

test-clock: ## run the core suite as if it were another day, each day another (CLOCK=2028-02-28T22:30Z for one of yours)
	TEST_CLOCK=$(CLOCK) $(MAKE) test-core

# The newest Django wants a newer Python than ours, sooner or later: NEXT_PYTHON=python3.13 make next-django
NEXT_PYTHON ?= $(PYTHON3)
NEXT := var/next-django
next-django: $(MESSAGES) ## run the core suite on the newest Django that NEXT_PYTHON takes, to see early what it will break
	$(NEXT_PYTHON) -m venv --clear $(NEXT)
	$(NEXT)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes \
		-r requirements/runtime.txt -r requirements/dev.txt
	$(NEXT)/bin/python -m pip install --quiet --disable-pip-version-check --upgrade django
	$(NEXT)/bin/python -c "import sys, django; print('Django', django.__version__, 'on Python', sys.version.split()[0])"
	$(SQLITE) $(NEXT)/bin/python $(PYTEST) -m "$(CORE)" $(PYTEST_ARGS)

check: $(CHECKS) ## check format, lint, types, imports, templates, migrations and deployment settings

$(CHECKS): $(DEVELOPMENT) $(MESSAGES)

check-format:
	$(VENV)/bin/ruff format --check .

check-lint:
	$(VENV)/bin/ruff check .

check-types:
	$(NO_DATA) $(VENV)/bin/mypy $(PACKAGES)

check-imports:
	$(VENV)/bin/lint-imports

check-templates:
	$(VENV)/bin/djade --target-version 5.2 --check $(TEMPLATES)

check-migrations:
	$(NO_DATA) $(PYTHON) manage.py makemigrations --check --dry-run

check-deployment:
	$(PRODUCTION) $(PYTHON) manage.py check --deploy --fail-level WARNING

soak: $(DEVELOPMENT) $(MESSAGES) ## run the long campaigns and all that is promised, print a table of both, then test-clock for each clock
	$(PYTHON) -m tests.servers $(PYTHON) $(PYTEST) -m "soak or claim or engines" --override-ini faulthandler_timeout=1800 $(PYTEST_ARGS)
	for clock in $(CLOCKS); do $(MAKE) test-clock CLOCK=$$clock || exit 1; done

bench: $(DEVELOPMENT) $(MESSAGES) ## measure what grows with the data (SIZE=1m, DATABASES=sqlite, ONLY=save,rebuild, PEERS=1: docs/scale.md)
	$(PYTHON) -m tests.servers $(PYTHON) -m tests.bench

screenshots: $(DEVELOPMENT) $(MESSAGES) ## take the README's screenshots anew
	$(PYTHON) -m tests.servers $(PYTHON) -m tests.screenshots

format: $(DEVELOPMENT) ## format code and templates
	$(VENV)/bin/ruff format .
	$(VENV)/bin/ruff check --fix .
	$(VENV)/bin/djade --target-version 5.2 $(TEMPLATES)

LOCK_WITH := $(VENV)/bin/uv pip compile --universal --python-version 3.11 --generate-hashes \
	--no-header --no-emit-index-url --no-emit-find-links

lock: $(DEVELOPMENT) ## lock the requirements again, after editing requirements/*.in
	$(LOCK_WITH) --quiet requirements/runtime.in --output-file requirements/runtime.txt
	$(LOCK_WITH) --quiet requirements/dev.in --output-file requirements/dev.txt
	$(LOCK_WITH) --quiet requirements/docs.in --output-file requirements/docs.txt

docs: $(MANUAL) ## build the manual in English and French into var/docs; a link that leads nowhere is an error
	$(PYTHON) tools/docs.py

messages: $(DEVELOPMENT) ## collect the visible strings into locale/, then compile the translations
	PYTHONPATH=. $(PYTHON) -m tools.messages
	$(VENV)/bin/pybabel compile --domain django --directory locale --statistics

clean: ## remove what can be made again; var/ with its data stays
	rm -rf $(VENV) staticfiles .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	find locale -name '*.mo' -delete 2>/dev/null || true

$(PYTHON):
	@$(PYTHON3) tools/preflight.py
	@$(PYTHON3) -m venv $(VENV)

$(RUNTIME): requirements/runtime.txt | $(PYTHON)
	@echo "Installing the packages. This happens when requirements/runtime.txt has changed."
	@$(PIP_INSTALL) -r requirements/runtime.txt
	@touch $@

$(DEVELOPMENT): requirements/dev.txt $(RUNTIME)
	@echo "Installing the packages for development."
	@$(PIP_INSTALL) -r requirements/runtime.txt -r requirements/dev.txt
	@touch $@

$(MANUAL): requirements/docs.txt $(RUNTIME)
	@echo "Installing what builds the manual."
	@$(PIP_INSTALL) -r requirements/runtime.txt -r requirements/docs.txt
	@touch $@

%.mo: %.po | $(RUNTIME)
	$(VENV)/bin/pybabel compile --domain django --input-file $< --output-file $@
