# Needs git, make and Python 3.11 to 3.13. Set-up is part of every target that needs it, and done once per uv.lock.
.DEFAULT_GOAL := help
.PHONY: help demo test check bench fmt clean setup
SHELL := /bin/sh
BIN := .venv/bin
STAMP := .venv/.synced
# a folder that was moved or copied needs its command lines written again
ifneq ($(shell cat $(STAMP) 2>/dev/null),$(shell pwd -P))
.PHONY: $(STAMP)
endif

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' Makefile

demo: $(STAMP) ## show the whole loop on the flights data, in a scratch repository
	@$(BIN)/modelops demo

test: $(STAMP) ## run the tests, fast ones first
	@$(BIN)/pytest -q -n 2 --dist worksteal

check: $(STAMP) ## run every check: format, lint, types, imports, workflows, specs, rendered files
	@$(BIN)/pre-commit run --all-files

bench: $(STAMP) ## run the benchmarks
	@set -e; for file in benchmarks/*.py; do echo "== $$file"; $(BIN)/python "$$file"; done

fmt: $(STAMP) ## format the code, write schemas and rendered files again
	@$(BIN)/ruff check --quiet --fix-only .
	@$(BIN)/ruff format --quiet .
	@$(BIN)/modelops schema
	@$(BIN)/modelops render

setup: $(STAMP) ## only set up .venv

clean: ## remove .venv and caches; what models and runs left in .modelops stays
	@rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis build dist
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(STAMP): uv.lock pyproject.toml
	@sh .ci/setup
