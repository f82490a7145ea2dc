# `make demo` and `make test` install what they need into .venv first.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Installed anew whenever what is needed changes, even by going back to an older state.
NEEDS := $(shell cat pyproject.toml constraints.txt | cksum | cut -d ' ' -f 1)
INSTALLED := $(VENV)/installed-$(NEEDS)
INSTALLED_DEV := $(VENV)/installed-dev-$(NEEDS)

.PHONY: demo test check lint clean

demo: $(INSTALLED)
	$(BIN)/supportbot demo

test: $(INSTALLED_DEV)
	$(BIN)/pytest -n 2 --dist loadfile

lint: $(INSTALLED_DEV)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

check: lint test

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(INSTALLED): $(VENV)/bin/python
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	touch $@

$(INSTALLED_DEV): $(VENV)/bin/python
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	touch $@ $(INSTALLED)

clean:
	rm -rf $(VENV) build *.egg-info .mypy_cache .pytest_cache .ruff_cache
