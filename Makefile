# The only entry point. `make` alone lists what there is.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules --no-print-directory
override SHELL := /bin/sh

include tools/common/variables.mk

# A switch in a prerequisite: $(call yes,PICTURE). In a recipe the command reads it.
yes = $(filter yes y 1,$(value $(1)))

# What a person has set for other Pythons steers none of ours; PYTHON names the one to set up with.
$(foreach name,$(filter-out PYTHON,$(filter PYTHON%,$(.VARIABLES))),$(eval unexport $(name)))

override VENV := .venv
override PY := $(VENV)/bin/python
override TOOL := PYTHONPATH=.:lambda_src $(PY)

.PHONY: help
help:
	@awk -f tools/common/help.awk Makefile
help-%:
	@awk -v target="$*" -f tools/common/help.awk Makefile

##@ Run it
.PHONY: demo live up agent try env down clean

## set up, deploy, burst, compare with what was sent (PIPELINE, BALLOTS|FILES|CALLS, SEED, BY, PICTURE, ENTRANCE)
demo: $(VENV)/.tools $(if $(call yes,PICTURE),$(VENV)/.pictures)
	@$(TOOL) -m tools.demo demo

## one page: the flow moves, can be broken, and its law holds (PIPELINE, PORT, MEASURE, ENV, POLICY)
live: $(VENV)/.tools
	@$(TOOL) -m tools.live live

## bring local cloud and stack up and leave them (PIPELINE, PORT, JWT=yes, ENTRANCE)
up: $(VENV)/.tools
	@$(TOOL) -m tools.local_cloud up

## receipts' agent beside the local cloud, until Ctrl-C (CHECK=yes: try each hop once)
agent: $(VENV)/.agent $(VENV)/.database
	@$(TOOL) -m tools.local_cloud.receipts.agent

## your own Terraform and functions on the local cloud (DIR, SOURCE, VARS, PORT, WATCH=yes)
try: $(VENV)/.tools
	@$(TOOL) -m tools.local_cloud try

## exports by which boto3, aws and terraform reach what is up
env: $(VENV)/.tools
	@$(TOOL) -m tools.local_cloud env

## stop what `make up` or `make try` started, and nothing else
down: $(if $(wildcard $(VENV)/.tools),,$(VENV)/.tools)
	@$(TOOL) -m tools.local_cloud down

## remove all that make made: build/, environments, caches
clean: $(if $(wildcard build/*/state.json),down)
	@for state in build/account/*/terraform.tfstate; do [ ! -e "$$state" ] || { \
	    echo "make clean: $$state is the only state of an account:" \
	        "run \`make account\` of it once more, which moves it into its bucket" >&2; exit 1; }; done
	rm -rf build $(VENV) .venv-emulator .venv-reader .venv-checkov .venv-audit .mypy_cache .ruff_cache .pytest_cache \
	    .hypothesis
	find lambda_src policies tools tests terraform environments \( -name __pycache__ -o -name .terraform \) \
	    -prune -exec rm -rf {} +

##@ Look after it (ENV=local|dev|staging|prod, local unless said; PIPELINE)
.PHONY: status mapping logs redrive catalogue import recount mend erase conservation
.PHONY: batch review runs proof smoke soak rollback

## is it well? if not: what is wrong, and what cures it (PIPELINE, ENV)
status: $(VENV)/.tools
	@$(TOOL) -m tools.operations status

## let a function take from its queue or not (FUNCTION, ON=yes|no, PIPELINE, ENV, CONFIRM)
mapping: $(VENV)/.tools
	@$(TOOL) -m tools.operations mapping

## what the functions said (FUNCTION, SINCE in minutes, LINES, RAW, FOLLOW, PIPELINE, ENV)
logs: $(VENV)/.tools
	@$(TOOL) -m tools.operations logs

## dead letters or quarantine, and back (QUEUE, REASON, QUARANTINE, MOST, RATE, DRY_RUN, CONFIRM)
redrive: $(VENV)/.tools
	@$(TOOL) -m tools.operations redrive

## load titles and their windows from CSV (FILE of title_id[,name][,opens][,closes]; ENV, DRY_RUN, CONFIRM)
catalogue: $(VENV)/.tools
	@$(TOOL) -m tools.operations catalogue

## ballots of another system (FILE, SINCE, COLUMNS, SCORES, TIMES, ISSUER, RATE, FRESH, DRY_RUN, CONFIRM)
import: $(VENV)/.tools
	@$(TOOL) -m tools.operations import

## rebuild tallies from the votes, tell differences (TITLE, ENV, FRESH=yes, REPAIR=yes, CONFIRM=yes)
recount: $(VENV)/.tools
	@$(TOOL) -m tools.operations recount

## quarantine a journal entry that cannot be read (SHARD, ENTRY, ENV, CONFIRM=yes, INSIST=yes)
mend: $(VENV)/.tools
	@$(TOOL) -m tools.operations mend

## erase a voter wherever ballots are, in two runs (VOTER, ENV, CONFIRM=yes)
erase: $(VENV)/.tools
	@$(TOOL) -m tools.operations erase

## what was accepted and is not settled (MINUTES, PIPELINE, ENV)
conservation: $(VENV)/.tools
	@$(TOOL) -m tools.operations conservation

## a harvest's runs (RUN, FOLLOW; START, GROUPS, SINCE, CAP; PAUSE, RESUME, CANCEL, RATE=…, CONFIRM, ENV)
runs: $(VENV)/.tools
	@$(TOOL) -m tools.operations runs

## sum a harvest's run again: is it complete? (RUN, ENV)
proof: $(VENV)/.tools
	@$(TOOL) -m tools.operations proof

## what has become of every file of a batch of receipts (BATCH, MOST, ENV)
batch: $(VENV)/.tools
	@$(TOOL) -m tools.operations batch

## receipts for a person; FILE closes one (BATCH, MOST; FILE, RECEIPT, FIELDS, ACCEPT, CONFIRM, ENV)
review: $(VENV)/.tools
	@$(TOOL) -m tools.operations review

## after an apply: does it refuse, take and answer? (PIPELINE, ENV)
smoke: $(VENV)/.deploy
	@$(TOOL) -m tools.operations smoke

## the invariants hold for minutes, or it fails (MINUTES, PIPELINE, ENV)
soak: $(VENV)/.deploy
	@$(TOOL) -m tools.operations soak

## point the aliases of what the last release changed back (DRY_RUN=yes, PIPELINE, ENV)
rollback: $(VENV)/.deploy
	@$(TOOL) -m tools.operations rollback

##@ Deploy it (dev, staging, prod)
.PHONY: account preflight package agent-wheelhouse plan apply propose policies promote drift deploy-tools
.PHONY: policies-tools github-check comment drift-issue dependencies audit audit-issue release release-upload

## install what deploying needs, before credentials
deploy-tools: $(VENV)/.deploy
	@$(PY) -m pip --disable-pip-version-check check

## install what the policies need, before credentials
policies-tools: $(VENV)/.tools .venv-checkov/.checkov
	@.venv-checkov/bin/checkov --version

## what an account needs once: state, roles, budget (ENV, CONFIRM=yes)
account: $(VENV)/.tools
	@$(TOOL) -m tools.deploy account

## compare the sizing with the account's quotas (ENV, PIPELINE, OFFLINE=1)
preflight: $(VENV)/.deploy
	@$(TOOL) -m tools.operations preflight

## build the functions' zips, for Lambda and for this machine
package: $(VENV)/.deploy
	@$(TOOL) -m tools.packager

## receipts' agent for a site without a network (SITE, SITE_PYTHON)
agent-wheelhouse: $(VENV)/.deploy $(VENV)/.build
	@$(TOOL) -m tools.packager.receipts.wheelhouse

## terraform plan of ENV; offline without credentials (OFFLINE=1 to insist)
plan: $(VENV)/.tools
	@$(TOOL) -m tools.deploy plan

## terraform apply of ENV to AWS, with your credentials (TERRAFORM=tofu)
apply: $(VENV)/.tools
	@$(TOOL) -m tools.deploy apply

##@ What the workflows run (dev, staging, prod)
## plan this tree for people to read, and store its digest (ENV, INSIST=yes; OFFLINE=1 stores nothing)
propose: $(VENV)/$(if $(call yes,OFFLINE),.tools,.deploy)
	@$(TOOL) -m tools.deploy propose

## the rules of policies/ on a plan, yours too (ENV; PLAN, DIR)
policies: $(VENV)/.tools .venv-checkov/.checkov
	@$(TOOL) -m tools.deploy policies

## plan again, and apply it where its digest was reviewed (ENV, DRY_RUN, INSIST=yes, REVIEWED)
promote: $(VENV)/.deploy
	@$(TOOL) -m tools.deploy promote

## what was changed outside Terraform, into build/drift (ENV)
drift: $(VENV)/.deploy
	@$(TOOL) -m tools.deploy drift

## does GitHub guard main, environments, tags? (GITHUB_TOKEN of an administrator; GITHUB_REPOSITORY)
github-check: $(VENV)/.deploy
	@$(TOOL) -m tools.deploy.github github-check

## the plans of `make propose` as one comment on PULL_REQUEST (GITHUB_TOKEN, GITHUB_REPOSITORY)
comment: $(VENV)/.deploy
	@$(TOOL) -m tools.deploy.github comment

## one GitHub issue for what `make drift` found, or closed (GITHUB_TOKEN, GITHUB_REPOSITORY)
drift-issue: $(VENV)/.deploy
	@$(TOOL) -m tools.deploy.github drift-issue

## one pull request with the locks in build/locks (GITHUB_TOKEN, GITHUB_REPOSITORY)
dependencies: $(VENV)/.deploy
	@$(TOOL) -m tools.deploy.github dependencies

## known vulnerabilities in the locks, into build/audit
audit: $(VENV)/.deploy .venv-audit/.audit
	@$(TOOL) -m tools.packager.audit

## one GitHub issue for what `make audit` found, or closed (GITHUB_TOKEN, GITHUB_REPOSITORY)
audit-issue: $(VENV)/.deploy
	@$(TOOL) -m tools.deploy.github audit-issue

## a version's zips, agents, manifest, sums into build/release (VERSION=X.Y.Z)
release: $(VENV)/.deploy $(VENV)/.build
	@$(TOOL) -m tools.deploy.github release

## the GitHub release of build/release (VERSION, GITHUB_TOKEN, GITHUB_REPOSITORY)
release-upload: $(VENV)/.deploy
	@$(TOOL) -m tools.deploy.github release-upload

##@ Prove it
.PHONY: test check chaos rehearse rehearse-peak faults mutants contracts iam bench capacity accuracy fmt lock
.PHONY: screenshots

## set up and run the whole suite (TESTS="tests/lambda_src -k stamp" for a part)
test: $(VENV)/.dev .venv-checkov/.checkov .venv-reader/.reader
	@$(PY) -m tools.common.run_tests

## formats, lint, types, schemas, checkov; writes nothing
check: $(VENV)/.dev .venv-checkov/.checkov
	@$(PY) -m ruff format --check .
	@$(PY) -m ruff check .
	@$(PY) -m mypy
	@MYPYPATH=policies $(PY) -m mypy --ignore-missing-imports --allow-subclassing-any --no-warn-unused-ignores \
	    policies/[a-z]*.py policies/sluice_pipeline/*.py
	@$(TOOL) -m tools.environment.terraform fmt -check -diff -recursive terraform environments
	@$(TOOL) -m tools.aws_schemas check
	@.venv-checkov/bin/checkov --config-file .checkov.yaml --quiet --compact
	@$(VENV)/bin/actionlint -shellcheck= -pyflakes= .github/workflows/*.yml
	@$(VENV)/bin/zizmor --offline --strict-collection --no-progress --quiet .github

## a burst while calls fail and workers are killed (PIPELINE, BALLOTS, SEED)
chaos: $(VENV)/.dev
	@$(TOOL) -m tools.demo chaos

## dev, staging and prod as three accounts, from nothing
rehearse: $(VENV)/.tools
	@$(TOOL) -m tools.rehearsal

override of-a-peak := $(VENV)/.tools $(VENV)/.functions $(VENV)/.database $(VENV)/.pictures
## a January into a small database, and without lanes (ROWS, MINUTES, LANES; YEAR=yes)
rehearse-peak: $(if $(call yes,YEAR),$(VENV)/.dev,$(of-a-peak))
	@$(TOOL) -m tools.bench.receipts.peak

## seeded histories in which everything breaks (PIPELINE, HISTORIES, SEED, MINUTES; HISTORY repeats one)
faults: $(VENV)/.dev
	@$(TOOL) -m tools.simulation --json build/faults/found.json

## break the handlers in every way: each must be caught (PIPELINE, HISTORIES, SEED, ONLY)
mutants: $(VENV)/.dev
	@$(TOOL) -m tools.simulation.mutants

## the simulated services beside moto and the emulator (ENGINE=dynamodb-local: AWS's own engine too)
contracts: $(VENV)/.dev
	@$(TOOL) -m tools.simulation.contracts

## every role's rights and the calls that use each
iam: $(VENV)/.dev
	@$(TOOL) -m tools.iam

## Sluice beside plainer designs: dollars, CPU, cold start (PIPELINE, ROUNDS, FULL=yes)
bench: $(VENV)/.dev $(VENV)/.pictures package
	@$(TOOL) -m tools.bench

## model a load on a sizing, or choose one (LOAD=step|step:PEAK|daily|rates|CSV, CHOOSE, ASK, ENV, A_REQUEST, SLOW, SET)
capacity: $(VENV)/.dev $(VENV)/.pictures
	@$(TOOL) -m tools.bench.capacity

## how well a folder of receipts is read, and what is not (DIR)
accuracy: $(VENV)/.functions .venv-reader/.reader
	@$(TOOL) -m tools.bench.receipts.accuracy

## take the docs' pictures of `make live`, tell its cost (URL)
screenshots: $(VENV)/.dev
	@$(TOOL) -m tools.live.pictures screenshots

## format Python and Terraform, and mend what lint can mend
fmt: $(VENV)/.dev
	@$(PY) -m ruff check --fix-only --quiet .
	@$(PY) -m ruff format .
	@$(TOOL) -m tools.environment.terraform fmt -recursive terraform environments

## lock the requirements again, with hashes (UPGRADE=yes: the newest allowed that is a week old)
lock: $(VENV)/.dev
	@$(TOOL) -m tools.packager.lock

include requirements/set-up.mk
