# darkfigure: the usual jobs. `make estimate` and `make test` need Python 3.11 or newer, make and a package index.

PYTHON ?= python3
STUDY ?= nl
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
CORE := $(VENV)/installed-core
REPORT := $(VENV)/installed-report
DEV := $(VENV)/installed-dev

.PHONY: help estimate report test test-slow lint types docstrings docs reproduced methods-held-out constraints bench clean

help:
	@echo "make estimate     estimate the hidden victims of the Dutch study (STUDY=name for another study)"
	@echo "make report       the same, and a report of it, opened where there is a desktop"
	@echo "make test         the fast tests, those of the documentation included"
	@echo "make test-slow    the statistical checks, which take minutes"
	@echo "make lint         style of the code"
	@echo "make types        types, strictly"
	@echo "make docstrings   completeness of the docstrings"
	@echo "make docs         write docs/commands.md anew from the commands' own help"
	@echo "make reproduced   write docs/reproduced.md anew: published numbers beside ours"
	@echo "make methods-held-out  write docs/methods-held-out.md anew: every method on lists of known size"
	@echo "make constraints  renew constraints.txt with the newest versions that fit together"
	@echo "make bench        how fast it is, as a table"
	@echo "make clean        remove the environment and everything that tools left behind"

estimate: $(CORE)
	@$(BIN)/darkfigure estimate $(STUDY)

# A new folder each time: neither a run nor a report is ever overwritten.
report: $(REPORT)
	@run=runs/$(STUDY)-$$(date +%Y%m%d-%H%M%S); \
	$(BIN)/darkfigure estimate $(STUDY) --out $$run || [ $$? = 3 ] || exit 1; \
	$(BIN)/darkfigure report $$run --formats html,pdf,docx,xlsx,figures --open || [ $$? = 3 ]

test: $(DEV)
	$(BIN)/python -m pytest -q -n 2

test-slow: $(DEV)
	$(BIN)/python -m pytest -q -n 2 -m slow

lint: $(DEV)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(DEV)
	$(BIN)/mypy --no-error-summary

docstrings: $(DEV)
	find estimator evidence -name '*.py' -print0 | xargs -0 $(BIN)/numpydoc lint

docs: $(CORE)
	$(BIN)/python -m docs.generate

reproduced: $(CORE)
	$(BIN)/python -m docs.make_reproduced

# What was done before is kept in the folder: a method that is new is all that is fitted.
methods-held-out: $(CORE)
	$(BIN)/darkfigure calibrate --held-out --all-methods --pooled --out runs/methods-held-out
	cp runs/methods-held-out/methods-held-out.md docs/methods-held-out.md

# Newest versions that fit together, in an environment of their own; read the difference before keeping it.
constraints:
	$(PYTHON) -m venv --clear $(VENV)-newest
	$(VENV)-newest/bin/python -m pip install --upgrade --quiet hatchling editables
	$(VENV)-newest/bin/python -m pip install --upgrade --upgrade-strategy eager --no-build-isolation --quiet -e ".[dev]"
	{ grep '^#' constraints.txt; $(VENV)-newest/bin/python -m pip freeze --exclude-editable; } > constraints.new
	mv constraints.new constraints.txt
	rm -rf $(VENV)-newest

bench: $(CORE)
	@$(BIN)/python -m benchmarks

clean:
	rm -rf $(VENV) $(VENV)-newest dist build .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The environment. A stamp is written only after a complete installation, so that one that broke off starts again.

$(CORE): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys' 2>/dev/null || { \
	  echo "There is no program '$(PYTHON)'. Install Python 3.11 or newer, or name it: make $(MAKECMDGOALS) PYTHON=/path/to/python3.11" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "darkfigure needs Python 3.11 or newer, and '$(PYTHON)' is $$($(PYTHON) --version 2>&1). Name a newer one: make $(MAKECMDGOALS) PYTHON=python3.11" >&2; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { \
	  echo "The Python at '$(PYTHON)' lacks its module venv. On Debian and Ubuntu: sudo apt install python3-venv" >&2; exit 1; }
	@echo "Preparing $(VENV), a minute or two the first time ..." >&2
	@$(BIN)/python -c '' 2>/dev/null || $(PYTHON) -m venv --clear $(VENV)
	@$(PIP) install -c constraints.txt hatchling editables
	@$(PIP) install -c constraints.txt --no-build-isolation -e .
	@touch $@

$(REPORT): $(CORE)
	@echo "Adding what reports need to $(VENV) ..." >&2
	@$(PIP) install -c constraints.txt --no-build-isolation -e ".[report]"
	@touch $@

$(DEV): $(CORE)
	@echo "Adding what the tests need to $(VENV) ..." >&2
	@$(PIP) install -c constraints.txt --no-build-isolation -e ".[dev]"
	@touch $@
