# Everything a fresh machine needs is Python (3.11 or newer), make and pip.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip --disable-pip-version-check --quiet
JOBS   ?= 4

.DEFAULT_GOAL := help
.PHONY: help demo test compiled check fast format looks docs words promise stories corpus bench lock clean pictures caniemail

help: ## this text
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/make \1 \2/p' $(MAKEFILE_LIST) | awk '{printf "  %-5s%-9s", $$1, $$2; $$1=$$2=""; print}'

demo: $(VENV)/.run ## send a week of articles to a local mailbox and look at it
	@$(BIN)/digest demo $(ARGS)

# Whatever the shell says of bytecode: without it each of the tests' processes would compile them all anew.
unexport PYTHONDONTWRITEBYTECODE

test: $(VENV)/.dev ## everything: checks, then all tests
	@$(MAKE) --no-print-directory --jobs=2 --output-sync check compiled
	$(BIN)/pytest -n $(JOBS) --dist worksteal

compiled: $(VENV)/.dev
	@$(BIN)/pytest --collect-only -qq >/dev/null || true

check: $(VENV)/.dev ## ruff, mypy and the floors
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache --no-logo

fast: $(VENV)/.dev ## the unit tests alone, in seconds
	$(BIN)/pytest tests/unit -q

format: $(VENV)/.dev ## put the code in shape
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

looks: $(VENV)/.dev ## hold every theme's mails against the pictures that were looked at
	@$(BIN)/python -m tests.looks $(ARGS)

docs: $(VENV)/.dev ## write the reference of commands anew
	$(BIN)/python -m tests.docs.commands

words: $(VENV)/.dev ## bring new sentences into the catalogues of translations
	@$(BIN)/python -m tests.words.catalogues

promise: $(VENV)/.dev ## kill, stop and starve real senders in mid-issue, and count who was lost
	@$(BIN)/python -m tests.promise $(ARGS)

stories: $(VENV)/.dev ## how well copies of a story are found, among labelled articles
	@$(BIN)/python -m tests.stories
corpus: $(VENV)/.dev ## read feedparser's own test feeds (fetched, never committed), and count what goes wrong
	@$(BIN)/python -m tests.corpus

bench: $(VENV)/.dev ## the benchmarks: against others, and step by step
	$(BIN)/python -m bench $(ARGS)

pictures: $(VENV)/.dev ## take the documents' pictures from a demo
	$(BIN)/python -m docs.pictures.take

caniemail: $(VENV)/.dev ## fetch the newest facts of what mail clients show
	$(BIN)/python -m tests.data.caniemail

lock: $(VENV)/.dev ## pin every dependency anew
	$(PIP) install uv
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url requirements/build.in -o requirements/build.txt --upgrade
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --extra demo --extra oidc pyproject.toml -o requirements/run.txt --upgrade
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --extra demo --extra oidc --group dev pyproject.toml -c requirements/run.txt -o requirements/dev.txt --upgrade

clean: ## remove what make made
	rm -rf $(VENV) build dist demo .mypy_cache .ruff_cache .pytest_cache .hypothesis .corpus

# Debian packs ensurepip apart from Python: where it is missing, the machine's own pip fills the environment.
$(VENV)/bin/python:
	@command -v $(PYTHON) >/dev/null || { echo "There is no $(PYTHON) here; digest needs Python 3.11 or newer. Say: make PYTHON=/path/to/python"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit("digest needs Python 3.11 or newer; $(PYTHON) is " + sys.version.split()[0] + ". Say: make PYTHON=python3.11") if sys.version_info < (3, 11) else None'
	@if $(PYTHON) -c 'import ensurepip' 2>/dev/null; then $(PYTHON) -m venv --clear $(VENV); \
	else $(PYTHON) -m venv --clear --without-pip $(VENV) && $(PYTHON) -m pip --quiet --python $(BIN)/python install --require-hashes -r requirements/build.txt; \
	fi || { rm -rf $(VENV); echo "$(PYTHON) cannot make a virtual environment here; it needs ensurepip or pip. On Debian or Ubuntu: apt install python3-venv"; exit 1; }

$(VENV)/.run: $(VENV)/bin/python requirements/build.txt requirements/run.txt pyproject.toml
	@echo "Setting up $(VENV) (once; about a minute)"
	$(PIP) install --require-hashes -r requirements/build.txt -r requirements/run.txt
	$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: $(VENV)/.run requirements/dev.txt
	@echo "Adding what the tests need"
	$(PIP) install --require-hashes -r requirements/dev.txt
	@touch $@
