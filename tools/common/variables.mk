# What a person gives (VOTER=…) may be a stranger's text. make would run what a $(shell …) in it says, so it becomes
# plain text first; then commands find it in their environment (commands.py beside this file). A recipe never names it:
# not as $(VOTER), which is part of a shell's command, and as "$$VOTER" only where there is no Python yet.
override given := $(foreach name,$(.VARIABLES),$(if $(filter command,$(origin $(name))),$(name)))
$(foreach name,$(given),$(eval override $(name) := $$(value $(name)))$(eval export $(name)))

# One that nothing in the Makefile names would be ignored without a word; with a _ in it, it may be another program's.
override known := COLUMNS HOME LANG PATH TERM TMPDIR
override known += $(if $(given),$(shell grep -ohE '[A-Z]+' Makefile requirements/set-up.mk))
override of-no-target = $(error $(1)=… is of no target: `make` lists them, `make help-TARGET` tells its variables$(2))
override unless-known = $(if $(or $(findstring _,$(1)),$(filter $(1),$(known))),,$(call of-no-target,$(1),$(2)))
$(foreach name,$(filter-out STACK,$(given)),$(call unless-known,$(name)))
$(foreach name,$(filter STACK,$(given)),$(call of-no-target,STACK,; a root module of your own is `make try DIR=…`))

# One that only other targets read would be ignored, too: a target reads those of its line, and of its section's.
override everywhere := COLUMNS TERRAFORM
override told := $(if $(given),$(shell awk -v reads=yes -f tools/common/help.awk Makefile))
override targets := $(sort $(foreach one,$(told),$(firstword $(subst :, ,$(one)))))
# (A make that a command of ours calls is told the goals of the first, in place of its own.)
override asked := $(if $(filter environment,$(origin MAKECMDGOALS)),,$(value MAKECMDGOALS))
override goals := $(filter $(targets),$(asked))
override read-by = $(patsubst $(1):%,%,$(filter $(1):%,$(told)))
override read := $(everywhere) $(foreach goal,$(goals),$(call read-by,$(goal)))
override read-elsewhere := $(filter-out $(read),$(foreach target,$(targets),$(call read-by,$(target))))
override judged := $(if $(filter-out $(targets),$(asked)),,$(if $(goals),$(given)))
override of-others = $(error $(1)=… is not read by `make $(goals)`: `make help-$(firstword $(goals))` tells what is)
$(foreach name,$(filter $(read-elsewhere),$(judged)),$(call of-others,$(name)))
