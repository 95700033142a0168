# Everything that one does with this repository. `make` alone lists it.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv/bin
CODE := PYTHONPATH=functions:layers/shared/python
# Without kept byte code every process compiles all that it imports, and here many begin.
unexport PYTHONDONTWRITEBYTECODE
# The CDK runs on Node 20 well; its library warns on every start that newer ones exist.
export JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION := 20

.PHONY: help
help: ## List the commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

.PHONY: setup
setup: ## Install what the project needs into .venv, node_modules and .local
	@$(PYTHON) local/setup.py

.PHONY: run
run: setup ## Bring the whole stack up on this machine, until Ctrl-C or `make stop`
	@exec $(VENV)/python -m local run

.PHONY: demo
demo: setup ## Register, buy credits, run a workflow: the main job, step by step
	@exec $(VENV)/python -m local demo

.PHONY: trace
trace: setup ## Print everything that happened under one correlation id: make trace ID=…
	@exec $(VENV)/python -m local trace $(ID)

.PHONY: audit
audit: ## Verify every ledger of the running stack, entry by entry
	@$(VENV)/python -m operator_cli audit --reason "make audit"

.PHONY: stop
stop: ## Stop the stack; its data stays
	@[ ! -x $(VENV)/python ] || exec $(VENV)/python -m local stop

.PHONY: reset
reset: ## Stop the stack and forget its data
	@[ ! -x $(VENV)/python ] || exec $(VENV)/python -m local reset

.PHONY: invoke
invoke: setup ## Run one function on an event as Lambda does: make invoke FUNCTION=BillingAccount EVENT=packages
	@$(VENV)/python -m local invoke $(FUNCTION) $(EVENT)

.PHONY: reconcile
reconcile: setup ## Compare Omise's charges with the purchases of the running stack, and report
	@$(VENV)/python -m operator_cli reconcile --reason "make reconcile"

.PHONY: faults
faults: setup ## Let every fault meet every step of the purchase saga, and print the table
	@PYTHONPATH=functions:layers/shared/python $(VENV)/python -m tests.faults

# One process drives a stack, one a browser, and both mostly wait; one tests what needs neither.
AT_ONCE := --numprocesses 3 --dist loadscope --no-loadscope-reorder
.PHONY: test
test: setup ## Run every test, those against the deployed local stack too
	@$(VENV)/python -m pytest $(AT_ONCE)

.PHONY: test-fast
test-fast: setup ## Run the tests that need no stack
	@$(VENV)/python -m pytest $(AT_ONCE) tests/unit tests/property tests/contract

.PHONY: cost
cost: setup ## Print what AWS charges per million runs, per 1,000 purchases and per month
	@$(CODE) $(VENV)/python -m cost

.PHONY: bench
bench: setup ## Measure, beside yardsticks, and write docs/performance.md: make bench [QUICK=1] [PARTS=cold,warm]
	@$(CODE) $(VENV)/python -m benchmarks $(if $(QUICK),--quick) $(PARTS)

.PHONY: bench-hot
bench-hot: setup ## Measure concurrent debits on one account, and draw docs/hot-accounts.svg
	@PYTHONPATH=functions:layers/shared/python $(VENV)/python -m benchmarks.hot_accounts

SIMULATE := PYTHONPATH=functions:layers/shared/python $(VENV)/python -m tests.simulator
.PHONY: soak
soak: setup ## Simulate users, faults and clocks: make soak SECONDS=60 [SEED=7] [STEPS=200] [THREADS=16] [GROUP=1]
	@$(SIMULATE) --seconds $(or $(SECONDS),60) --steps $(or $(STEPS),200) --threads $(or $(THREADS),0) --group $(or $(GROUP),-1) $(if $(SEED),--seed $(SEED))

.PHONY: mutants
mutants: setup ## Change the ledger's rules in every way; the tests must notice
	@$(VENV)/python tools/mutants.py

.PHONY: reliability
reliability: setup ## Measure what docs/reliability.md says, and write it anew (an hour)
	@$(VENV)/python tools/reliability.py

.PHONY: check
check: setup ## Lint, types, import contracts, the API's document, templates, state machines and the console
	@$(PYTHON) local/setup.py checks
	@$(VENV)/ruff format --check .
	@$(VENV)/ruff check .
	@$(VENV)/mypy benchmarks functions layers/shared/python client contract cost infra local operator_cli tests tools app.py
	@$(CODE) $(VENV)/lint-imports
	@$(CODE) $(VENV)/python -m contract.check
	@$(CODE) $(VENV)/python -m infra.check
	@npm run --silent --workspace web check

.PHONY: openapi
openapi: setup ## Write docs/openapi.json and docs/api.md from the code
	@$(CODE) $(VENV)/python -m contract.write

.PHONY: openapi-release
openapi-release: setup ## Make the API's document the one that later changes must not break
	@$(CODE) $(VENV)/python -m contract.release

.PHONY: fuzz
fuzz: setup ## Fuzz the API for longer than `make test` does: make fuzz EXAMPLES=200
	@FUZZ_EXAMPLES=$(or $(EXAMPLES),200) $(VENV)/python -m pytest --timeout=3600 -s tests/e2e/contract/test_fuzzing.py

.PHONY: fmt
fmt: setup ## Format the code and fix what can be fixed
	@$(VENV)/ruff check --fix-only --quiet .
	@$(VENV)/ruff format .
	@npm run --silent --workspace web format

.PHONY: synth
synth: setup ## Synthesize the template of a stage into cdk.out: make synth STAGE=dev
	@node_modules/.bin/cdk synth --quiet --context stage=$(or $(STAGE),dev)

.PHONY: deploy
deploy: setup ## Deploy a stage with your AWS credentials: make deploy STAGE=dev
	@node_modules/.bin/cdk deploy --context stage=$(or $(STAGE),dev)

LOCK := $(VENV)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --custom-compile-command "make lock"
.PHONY: lock
lock: setup ## Resolve the pinned requirements anew
	@$(LOCK) layers/dependencies/requirements.in -o layers/dependencies/requirements.txt
	@$(LOCK) layers/dependencies/runtime.in -o layers/dependencies/runtime.txt
	@$(LOCK) local/emulator/requirements.in -o local/emulator/requirements.txt
	@$(LOCK) --no-deps local/rie/requirements.in -o local/rie/requirements.txt
	@$(LOCK) infra/checkov/requirements.in -o infra/checkov/requirements.txt
	@$(LOCK) benchmarks/peers/requirements.in -o benchmarks/peers/requirements.txt
	@$(LOCK) --group infrastructure --group local-stack --group checks --group tests layers/dependencies/requirements.in -o requirements.txt

.PHONY: clean
clean: stop ## Remove everything that commands made
	@rm -rf .venv .local node_modules web/node_modules web/dist cdk.out* build .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache .schemathesis
