# Needs Python 3.11+ and make, and Node 20+ for the TypeScript client only; everything else is installed into
# git-ignored folders of this checkout.
PYTHON ?= $(shell test -x .tools/python && echo .tools/python || echo python3)
PORT ?=
ROLE ?= admin
FN ?=
QUEUE ?=
MOVE ?=
FILE ?=
FOLLOW ?=
SECONDS ?= 60
PARSERS ?= cursors criteria csv events searches cards
ENV ?=
RUN := PYTHONPATH=scripts:layers/shared:. .venv/bin/python -m
INSTALL := @$(PYTHON) scripts/stack/bootstrap.py
LAYER := --frozen --no-hashes --no-emit-project --no-header
CLIENT := clients/typescript
NODE_MODULES := $(CLIENT)/node_modules/.package-lock.json

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

test: test-fast validate security test-client test-engine test-e2e ## every check and test, on engines of its own
test-fast: tools lint ## lint and the tests that need no engine: seconds
	@$(RUN) pytest -m "not engine and not e2e" -n 2
test-engine: tools ## the tests on the tables of a local engine
	@$(RUN) pytest -m engine -n 2
test-e2e: tools $(NODE_MODULES) ## end-to-end tests [C360_E2E_STACK=up uses the stack of `make up`]
	@$(RUN) pytest -m e2e
test-client: $(NODE_MODULES) ## the TypeScript client: types, calls, live changes [needs Node 20 or newer, with npm]
	@npm --prefix $(CLIENT) test
lint: project ## ruff and mypy
	@.venv/bin/ruff check && .venv/bin/ruff format --check && .venv/bin/mypy .
validate: tools ## the template, by SAM and cfn-lint
	@$(RUN) stack validate
security: ## the template, by checkov; exceptions and why are in .checkov.yaml
	$(INSTALL) checkov
	@.tools/bin/checkov --config-file .checkov.yaml
format: project ## let ruff put the code in shape
	@.venv/bin/ruff check --fix; .venv/bin/ruff format

fonts: project | node ## make the fonts of the PDF documents anew
	@$(RUN) fonts
openapi: project ## write docs/openapi.json anew
	@$(RUN) openapi
client: openapi $(NODE_MODULES) ## make the TypeScript client's types anew
	@npm --prefix $(CLIENT) run generate

build: tools ## build the template for AWS
	@$(RUN) stack build
deploy: tools ## deploy to AWS, guided the first time [ENV=dev|prod]
	@$(RUN) stack deploy --environment "$(ENV)"
verify: project ## recount the totals of the running stack and compare
	@$(RUN) verify
verify-search: project ## compare what the search finds customers by with what they are
	@$(RUN) search_index
rebuild-search: project ## make what the search finds customers by anew, while it serves
	@$(RUN) search_index --rebuild
redrive: project ## what is in a dead-letter queue of the running stack [QUEUE=name] [MOVE=1: back to its queue]
	@$(RUN) redrive --queue "$(QUEUE)" $(if $(MOVE),--move)
bench-view: project ## cost and time of the 360 view
	@$(RUN) benchmarks.view
bench-reads: project ## cost and time of every read [needs Java 17 and npm]
	@$(RUN) benchmarks.reads
bench-search: project ## cost and time of ten searches, by size of the shop [needs Java 17 and npm]
	@$(RUN) benchmarks.search
bench-projection: project ## cost and time of keeping the search up to date [needs Java 17 and npm]
	@$(RUN) benchmarks.projection
bench-removal: project ## how fast a deleted tag is taken from its customers
	@$(RUN) benchmarks.removal
bench-live: tools ## from commit to message at the client, for up to 1,000 watchers
	@PYTHONPATH=scripts:layers/shared:tests:. .venv/bin/python -m benchmarks.live
bench-bulk: project ## how fast a tag is given to everybody a search finds
	@$(RUN) benchmarks.bulk
bench-export: project ## time, memory and size of exported files
	@$(RUN) benchmarks.export
bench-recompute: project ## how fast everybody is rescored, and what it costs
	@$(RUN) benchmarks.recompute
bench-ingest: project ## cost and time of an event
	@$(RUN) benchmarks.ingest
evaluate: project ## whether the churn score predicts [FILE="a.csv b.csv": customer, date, amount]
	@$(RUN) evaluation $(FILE)

cost: project ## what a month costs, by the size of the shop
	@$(RUN) cost
fuzz: tools ## look for inputs that break what the parsers promise [PARSERS="csv events"] [SECONDS=60 each]
	@set -e; for parser in $(PARSERS); do PYTHONPATH=layers/shared:tests .tools/bin/uv run --quiet --no-sync \
	    --with-requirements scripts/requirements/fuzz.txt python -m fuzzing $$parser --seconds $(SECONDS); done
lock: project | node ## resolve every lock file anew
	@.tools/bin/uv lock
	@.tools/bin/uv export --quiet $(LAYER) --no-dev --output-file layers/shared/requirements.txt
	@.tools/bin/uv export --quiet $(LAYER) --only-group documents --output-file layers/documents/requirements.txt
	@set -e; cd scripts/requirements; for tool in uv engine sam fuzz checkov; do ../../.tools/bin/uv pip compile --quiet --universal \
	    --python-version 3.11 --generate-hashes --custom-compile-command 'make lock' $$tool.in -o $$tool.txt; done
	@npm --prefix $(CLIENT) update --package-lock-only --loglevel=error
clean: ## stop the stack, remove what was installed, built and kept
	@if [ -x .venv/bin/python ]; then $(RUN) stack down; fi
	@rm -rf .venv .tools .local .aws-sam $(CLIENT)/node_modules $(CLIENT)/dist

$(NODE_MODULES): $(CLIENT)/package.json $(CLIENT)/package-lock.json | node
	@npm --prefix $(CLIENT) ci --no-audit --no-fund --loglevel=error
node:
	@node --eval 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)' 2>/dev/null && command -v npm >/dev/null || \
	    { echo "✗ the TypeScript client needs Node 20 or newer, with npm: https://nodejs.org" >&2; exit 1; }
project:
	$(INSTALL) project
tools:
	$(INSTALL)

.PHONY: help up down token logs test test-fast test-engine test-e2e test-client lint validate security format fonts openapi client \
    build deploy verify verify-search rebuild-search redrive bench-view bench-reads bench-search bench-projection bench-removal bench-bulk bench-export bench-recompute bench-live bench-ingest evaluate cost fuzz lock clean node project tools
