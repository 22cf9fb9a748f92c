# Thin: every target calls the `oaktree` command or a tool. ENV names the environment, ARGS is passed through:
#   make deploy ENV=dev ARGS="--parameter DesiredCount=2 --yes"

ENV ?=
ARGS ?=
PYTHON ?= python3

BIN := .venv/bin
READY := .venv/ready
OAKTREE := $(BIN)/oaktree
JUDGES := .venv-judges
SAM := .venv-sam
JUDGED := .oaktree/judged/prod.yaml
ON_ENV := $(if $(ENV),--env $(ENV)) $(ARGS)

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.SUFFIXES:
MAKEFLAGS += --no-builtin-rules --no-print-directory

# Whatever the machine says: what is typed here is many short commands, and compiling the package is a third of each.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: help
help: ## show this
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-15s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: setup
setup: $(READY) ## the virtual environment, from requirements.txt

$(READY): requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "OakTree needs Python 3.11 or later: make PYTHON=python3.11")'
	@echo "Setting up .venv; the first time this takes a minute or two."
	@$(PYTHON) -m venv .venv
	@$(BIN)/pip install --quiet --disable-pip-version-check -r requirements.txt
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --editable .
	@touch $@

.PHONY: build
build: $(READY) ## render every blueprint into templates/, and lint
	@$(OAKTREE) build
	@$(OAKTREE) lint

.PHONY: lint
lint: $(READY) ## cfn-lint, AWS's own engine as second opinion, and the invariants in every environment
	@$(OAKTREE) lint $(ARGS)

.PHONY: check
check: $(READY) ## format, lint, strict types, fresh and clean templates, AWS's security controls
	@$(MAKE) --jobs=2 --output-sync=target check-templates check-code

.PHONY: check-code check-templates
check-code: $(READY)
	@$(BIN)/ruff format --check --quiet . || { echo "Run: $(BIN)/ruff format ."; exit 1; }
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy

check-templates: $(READY)
	@$(OAKTREE) build --check
	@$(OAKTREE) lint
	@$(OAKTREE) controls

# Judges whose pins disagree with ours, or with each other's, have environments of their own; setting one up takes a minute.
.venv-%/ready: requirements-%.txt
	@echo "Setting up $(@D); the first time this takes a minute."
	@$(PYTHON) -m venv $(@D)
	@$(@D)/bin/pip install --quiet --disable-pip-version-check -r $<
	@touch $@

.PHONY: judge
judge: $(READY) $(JUDGES)/ready $(SAM)/ready ## checkov over what prod is and the templates beside it, SAM over the macros, actionlint and zizmor over the workflows
	@$(OAKTREE) evaluate --env prod --out $(JUDGED)
	@$(JUDGES)/bin/checkov --file $(JUDGED) templates/product.yaml templates/catalog.yaml templates/pipeline.yaml --framework cloudformation --compact --quiet --skip-download
	@$(JUDGES)/bin/actionlint -shellcheck $(JUDGES)/bin/shellcheck
	@$(JUDGES)/bin/zizmor --offline --quiet --persona pedantic .github
	@SAM_CLI_TELEMETRY=0 $(SAM)/bin/sam validate --lint --template templates/macros.yaml --region us-east-1

# The page's own tests need a browser. Where Debian's can be had without asking it is installed; elsewhere the summary of
# the tests names what did not run.
.PHONY: chromium
chromium: ## Debian's chromium, for the tests and pictures of the pages
	@command -v chromium > /dev/null || { apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium fonts-dejavu-core; } > /dev/null

.PHONY: browser
browser:
	@if command -v apt-get > /dev/null && [ "$$(id -u)" = 0 ]; then $(MAKE) chromium || echo "chromium could not be installed"; fi

.PHONY: pictures
pictures: $(READY) chromium ## docs/images: the review of a recorded change set, the product's form and a rehearsal
	@$(BIN)/python docs/pictures.py

.PHONY: reference
reference: $(READY) ## the generated pages of docs/, and the macros' schema for editors
	@for page in environments invariants preflight security reference; do $(BIN)/python docs/$$page.py || exit 1; done

.PHONY: golden
golden: $(READY) ## what the macros make of tests/macros/golden, written anew: read what git says has changed
	@$(BIN)/python -m tests.macros.goldens

.PHONY: test
test: check browser ## check, then every test; exactly what CI runs
	@$(BIN)/pytest $(ARGS)

.PHONY: examples
examples: $(READY) ## every example deployed, changed and destroyed on a local stage; ARGS=NAME for one
	@$(BIN)/python -m examples $(ARGS)

.PHONY: soak
soak: $(READY) ## the property tests, with sixty times the examples
	@$(BIN)/pytest -m hypothesis --hypothesis-profile=soak $(ARGS)

FUZZ := .venv-fuzz/ready
SECONDS ?= 60

$(FUZZ): requirements-fuzz.txt requirements.txt
	@$(PYTHON) -m venv .venv-fuzz
	@.venv-fuzz/bin/pip install --quiet --disable-pip-version-check -r requirements-fuzz.txt
	@touch $@

.PHONY: fuzz
fuzz: $(READY) $(FUZZ) ## the macros against random events, SECONDS each way, in a cage
	@$(BIN)/python -m fuzz.macros $(SECONDS)
	@.venv-fuzz/bin/python -m fuzz.guided $(SECONDS)

.PHONY: bench
bench: $(READY) ## the benchmarks, A B A B, medians of ratios
	@$(BIN)/python -m benchmarks $(ARGS)

.PHONY: review
review: $(READY) ## what a deploy to ENV would change; changes nothing
	@$(OAKTREE) review $(ON_ENV)

.PHONY: deploy
deploy: $(READY) ## deploy to ENV: ENV=local is this machine
	@$(OAKTREE) deploy $(ON_ENV)

.PHONY: image
image: $(READY) ## another image for ENV and nothing else: ARGS="--tag TAG", --digest or --rollback
	@$(OAKTREE) image $(ON_ENV)

.PHONY: preflight
preflight: $(READY) ## what would stand in the way of a deploy to ENV; changes nothing
	@$(OAKTREE) preflight $(ON_ENV)

.PHONY: deploy-macros
deploy-macros: $(READY) ## the macros of ENV's account and region: OakTree's shorthand for any template
	@$(OAKTREE) macros deploy $(ON_ENV)

.PHONY: deploy-pipeline
deploy-pipeline: $(READY) ## the roles with which jobs on GitHub review and deploy ENV
	@$(OAKTREE) pipeline deploy $(ON_ENV)

.PHONY: outputs
outputs: $(READY) ## the outputs of ENV's stack
	@$(OAKTREE) outputs $(ON_ENV)

.PHONY: destroy
destroy: $(READY) ## delete ENV's stack
	@$(OAKTREE) destroy $(ON_ENV)

.PHONY: publish
publish: $(READY) ## publish the web service as a Service Catalog product of ENV
	@$(OAKTREE) catalog publish $(ON_ENV)

.PHONY: local-stop
local-stop: $(READY) ## end the local stage and forget what is deployed on it
	@$(OAKTREE) local stop
