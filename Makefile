# Needs Python 3.11+ and make; everything else is installed into git-ignored folders of this checkout.
PYTHON ?= $(shell test -x .tools/python && echo .tools/python || echo python3)
PORT ?=
ROLE ?= admin
FN ?=
FOLLOW ?=
ENV ?=
RUN := PYTHONPATH=scripts:layers/shared:. .venv/bin/python -m
INSTALL := @$(PYTHON) scripts/stack/bootstrap.py

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

up: tools ## run the product here: engine, template, admins, sample data [PORT=4566]
	@$(RUN) stack up --port "$(PORT)"
down: project ## stop what `make up` started
	@$(RUN) stack down
token: project ## print an ID token of a demo admin [ROLE=viewer|support|manager|admin]
	@$(RUN) stack token --role $(ROLE)
logs: project ## show what the functions logged [FN=name or engine] [FOLLOW=1]
	@$(RUN) stack logs --function "$(FN)" $(if $(FOLLOW),--follow)

test: test-fast validate test-engine test-e2e ## every check and test, on engines of its own
test-fast: tools lint ## lint and the tests that need no engine: seconds
	@$(RUN) pytest -m "not engine and not e2e" -n 2
test-engine: tools ## the tests on the tables of a local engine
	@$(RUN) pytest -m engine -n 2
test-e2e: tools ## end-to-end tests [C360_E2E_STACK=up uses the stack of `make up`]
	@$(RUN) pytest -m e2e
lint: project ## ruff and mypy
	@.venv/bin/ruff check && .venv/bin/ruff format --check && .venv/bin/mypy .
validate: tools ## the template, by SAM and cfn-lint
	@$(RUN) stack validate
format: project ## let ruff put the code in shape
	@.venv/bin/ruff check --fix; .venv/bin/ruff format

build: tools ## build the template for AWS
	@$(RUN) stack build
deploy: tools ## deploy to AWS, guided the first time [ENV=dev|prod]
	@$(RUN) stack deploy --environment "$(ENV)"
verify: project ## recount the totals of the running stack and compare
	@$(RUN) verify
bench-view: project ## cost and time of the 360 view
	@$(RUN) benchmarks.view
bench-ingest: project ## cost and time of an event
	@$(RUN) benchmarks.ingest

lock: project ## resolve every lock file anew
	@.tools/bin/uv lock
	@set -e; cd scripts/requirements; for tool in uv engine sam; do ../../.tools/bin/uv pip compile --quiet --universal \
	    --python-version 3.11 --generate-hashes --custom-compile-command 'make lock' $$tool.in -o $$tool.txt; done
clean: ## stop the stack, remove what was installed, built and kept
	@if [ -x .venv/bin/python ]; then $(RUN) stack down; fi
	@rm -rf .venv .tools .local .aws-sam

project:
	$(INSTALL) project
tools:
	$(INSTALL)

.PHONY: help up down token logs test test-fast test-engine test-e2e lint validate format build deploy verify bench-view \
    bench-ingest lock clean project tools
