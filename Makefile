# The front door. It needs Python 3.11 or newer, make, and a package registry that pip reaches; `make` alone lists what
# it does. Everything is installed into .venv, again only when what it was installed from has changed.

VENV := .venv
BIN := $(VENV)/bin
# The interpreter .venv is made with: `make clean` first to change it.
PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	  if $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then echo $$python; break; fi; \
	done)
PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt
CONTRACT := protos/matchcut/v1 $(wildcard protos/matchcut/v1/*.proto)
# Folders of Python code; what isn't there yet is left out.
TYPED := $(wildcard server/matchcut_server client/matchcut_client tests benchmarks examples)

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo test serve azure-stand-in lint check-contract format bench proto clean

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(VENV)/server.stamp ## import a few videos, recommend some of them, and show why
	@$(BIN)/python -m examples.demo

test: $(VENV)/dev.stamp ## run the tests on all cores; ARGS='-k moments -x' goes to pytest
	@$(BIN)/python -m pytest -n auto --dist loadfile $(ARGS)

serve: $(VENV)/server.stamp ## start the server; ARGS='--help' lists its options
	@$(BIN)/matchcut serve $(ARGS)

azure-stand-in: $(VENV)/dev.stamp ## start a stand-in of Azure AI Video Indexer; ARGS='--videos 200 --port 8008'
	@$(BIN)/python -m tests.azure_stand_in $(ARGS)

lint: $(VENV)/dev.stamp ## check style, types, dependencies between modules, and the contract
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy $(TYPED)
	$(BIN)/lint-imports --no-logo
	$(BIN)/buf lint protos
	$(BIN)/buf format protos --diff --exit-code
	@$(MAKE) --no-print-directory check-contract

# Compared with the newest release or, before the first, with the main branch; where a clone holds neither, with what is
# committed. The older contract is unpacked instead of named to buf as a git reference, so that shallow clones and work
# trees do as well.
check-contract: $(VENV)/dev.stamp
	@set -e; \
	base=; \
	for ref in $$(git tag --list 'v*' --sort=-version:refname 2>/dev/null | head -n 1) origin/main main HEAD; do \
	  if git cat-file -e "$$ref:protos/matchcut" 2>/dev/null; then base=$$ref; break; fi; \
	done; \
	if [ -z "$$base" ]; then echo "buf breaking: git holds no earlier contract to compare with"; exit 0; fi; \
	old=$$(mktemp -d); trap 'rm -rf "$$old"' EXIT; \
	git archive --format=tar --output="$$old/protos.tar" "$$base" protos; \
	tar -xf "$$old/protos.tar" -C "$$old"; \
	echo "$(BIN)/buf breaking protos --against protos of $$base"; \
	$(BIN)/buf breaking protos --against "$$old/protos"

format: $(VENV)/dev.stamp ## rewrite the code in the project's style
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .
	$(BIN)/buf format protos --write

bench: $(VENV)/bench.stamp ## run the benchmarks; ARGS goes to them
	@$(BIN)/python -m benchmarks $(ARGS)

proto: $(VENV)/venv.stamp ## generate the stubs in client/gen again, whether or not the contract has changed
	@rm -f $(VENV)/client.stamp
	@$(MAKE) --no-print-directory $(VENV)/client.stamp

clean: ## remove .venv, the stubs, builds and caches
	rm -rf $(VENV) client/gen dist client/dist benchmarks/.cache .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find benchmarks client examples server tests -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true

$(VENV)/venv.stamp:
	@if [ -z "$(PYTHON)" ]; then \
	  echo "make: no Python 3.11 or newer found; name one with 'make PYTHON=/path/to/python3'" >&2; exit 1; fi
	@if ! $(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then \
	  echo "make: $(PYTHON) is not Python 3.11 or newer" >&2; exit 1; fi
	@echo "making $(VENV) with $$($(PYTHON) --version)"
	@if ! $(PYTHON) -m venv --clear $(VENV); then \
	  echo "make: $(PYTHON) can't make virtual environments; its venv module may be a package of its own" >&2; exit 1; fi
	@touch $@

# Building the client generates its stubs, with tools of their own that never enter .venv.
$(VENV)/client.stamp: $(VENV)/venv.stamp client/pyproject.toml client/hatch_build.py constraints.txt $(CONTRACT)
	@echo "generating the stubs and installing the client"
	@$(PIP_INSTALL) -e ./client
	@touch $@

# The client has to be there before the server, but a change of the contract is no reason to install the server again.
$(VENV)/server.stamp: pyproject.toml constraints.txt | $(VENV)/client.stamp
	@echo "installing the server"
	@$(PIP_INSTALL) -e .
	@touch $@

$(VENV)/dev.stamp: $(VENV)/server.stamp
	@echo "installing the development tools"
	@$(PIP_INSTALL) -e '.[dev]'
	@touch $@

$(VENV)/bench.stamp: $(VENV)/dev.stamp
	@echo "installing what the benchmarks compare with"
	@$(PIP_INSTALL) -e '.[dev,bench]'
	@touch $@
