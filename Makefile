# Written for GNU make 3.81 as well, which is what macOS brings.

SHELL := /bin/sh
# Programs are started as modules: their own starters break when the folder is moved.
PY := .venv/bin/python
# Two workers also on large machines: more of them only wait for one another's database.
TEST_JOBS ?= 2
PYTEST := $(PY) -m pytest -n $(TEST_JOBS)

CATALOGUES := $(wildcard portal/translations/*/LC_MESSAGES/messages.po)
COMPILED := $(CATALOGUES:.po=.mo)
STATIC := $(shell find portal/static -name '*.css' -o -name '*.js' -o -name '*.svg')
COMPRESSED := $(STATIC:=.gz)

.DELETE_ON_ERROR:
# Two installations into one environment at a time break it.
.NOTPARALLEL:
.PHONY: help run build test test-all check format bench lock messages translations
.PHONY: environment environment-dev browser

help:
	@echo "make run        the portal with a demo district, at http://127.0.0.1:8000 (HOST=, PORT=)"
	@echo "make test       all tests, on SQLite and on PostgreSQL"
	@echo "make test-all   the same in every mode and width, with many examples and large data"
	@echo "make check      lint, format, types, templates"
	@echo "make bench      the benchmark table"
	@echo "make build      what run and a server need: environment, translations, compressed files"
	@echo "make format     lay out the code"
	@echo "make messages   bring the catalogues up to date with the texts in the code"
	@echo "make lock       resolve requirements*.in anew"

# --- running --------------------------------------------------------------------------------------

run: build
	@exec $(PY) -m flask --app wsgi serve

build: environment $(COMPILED) $(COMPRESSED)

environment:
	@tools/environment.sh runtime

environment-dev:
	@tools/environment.sh dev

translations: environment $(COMPILED)

# `| environment`: the tool has to be there, but that is no reason to compile again.
%.mo: %.po | environment
	@$(PY) -m babel.messages.frontend --quiet compile --input-file $< --output-file $@

# Whitenoise serves the copy to whoever accepts it. -n leaves out name and time: same bytes each time.
%.gz: %
	@gzip -9 -n -c $< > $@.part && mv $@.part $@

# --- testing --------------------------------------------------------------------------------------

browser: environment-dev
	@tools/packages.sh browser || true
	@tools/packages.sh paper || true

# SQLite comes last, so that the closing lines are those of the run that holds every test.
test: environment-dev build browser
	@failed=; \
	echo "--- PostgreSQL (all but the browser tests)"; \
	$(PYTEST) --database postgresql -m "not browser" || failed="$$failed PostgreSQL"; \
	echo "--- SQLite (everything)"; \
	$(PYTEST) --database sqlite || failed="$$failed SQLite"; \
	if [ -n "$$failed" ]; then echo "Tests failed on:$$failed" >&2; exit 1; fi

test-all: environment-dev build browser
	@failed=; \
	for database in postgresql sqlite; do \
		echo "--- $$database (everything, full profile)"; \
		TEST_PROFILE=full $(PYTEST) --database $$database || failed="$$failed $$database"; \
	done; \
	if [ -n "$$failed" ]; then echo "Tests failed on:$$failed" >&2; exit 1; fi

check: environment-dev
	@failed=; \
	$(PY) -m ruff check . || failed=1; \
	$(PY) -m ruff format --check . || failed=1; \
	$(PY) -m mypy || failed=1; \
	$(PY) -m djlint --quiet --lint portal/templates || failed=1; \
	if [ -n "$$failed" ]; then exit 1; fi

format: environment-dev
	@$(PY) -m ruff check --fix --quiet .
	@$(PY) -m ruff format .

bench: environment-dev build
	@tools/packages.sh wrk
	@$(PY) -m benchmarks

# --- upkeep ---------------------------------------------------------------------------------------

messages: environment
	@$(PY) -m babel.messages.frontend --quiet extract --mapping-file babel.cfg --keywords lazy_gettext --keywords _l \
		--no-location --sort-by-file --output-file messages.pot portal
	@$(PY) -m babel.messages.frontend --quiet update --input-file messages.pot --output-dir portal/translations \
		--domain messages --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date --width 100
	@rm -f messages.pot

# Read the diff afterwards: rather than fail, the resolver goes back to old versions.
LOCK := pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
	--no-header --no-emit-index-url --no-emit-find-links

lock: environment-dev
	@$(PY) -m pip install --quiet --disable-pip-version-check "uv>=0.13,<0.14"
	@$(PY) -m uv $(LOCK) requirements.in --output-file requirements.txt
	@$(PY) -m uv $(LOCK) requirements-dev.in --output-file requirements-dev.txt
	@git --no-pager diff --unified=0 --color=auto -- requirements.txt requirements-dev.txt | grep '==' || true
