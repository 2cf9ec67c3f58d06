# The graph of the project: what depends on what, and how it is made. `make` alone lists what there is to do.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
MAKEFLAGS += --no-builtin-rules
.SUFFIXES:

PROFILE ?= quick
VENV := .venv
TEST_ARGS ?=

# Commands, and whether the light installation (no torch, no Jupyter) is enough for them.
LIGHT := plan predict compare review demo sessions athlete serve split
HEAVY := batch backtest races bench normalizers
OTHERS := help setup reports test test-fast fuzz soak lint lab tidy facts clean every_report index

# Environment: .venv is ours. PY=python uses the interpreter (say, of conda) that is active, and sets nothing up.
ifdef PY
PYTHON := $(PY)
READY_LIGHT :=
READY :=
else
PYTHON ?= python3
PY := $(VENV)/bin/python
# named after what it was made from: other pins make it again, a touched file does not
PINS := $(shell cat requirements.txt pyproject.toml 2>/dev/null | sha256sum | cut -c1-16)
READY := $(VENV)/ready-full-$(PINS)
READY_LIGHT := $(or $(wildcard $(READY)),$(VENV)/ready-light-$(PINS))
endif
export PYTHONPATH := $(CURDIR)
export JUPYTER_PREFER_ENV_PATH := 1

# Words of the command line, and only these, reach the command as they are: their names in TRAILCAST_WORDS, each value
# in a variable of its own. Nothing of them is ever in the text of a recipe, and make's own copies are not exported.
MAKE_WORDS := PROFILE PY PYTHON TEST_ARGS
SAID := $(strip $(foreach v,$(filter-out $(MAKE_WORDS) -*-%,$(.VARIABLES)),$(if $(filter command,$(origin $(v))),$(v))))
$(foreach v,$(SAID),$(eval unexport $(v)))
$(foreach v,$(SAID),$(eval export TRAILCAST_WORD_$(v) := $$(value $(v))))
export TRAILCAST_WORDS := $(SAID)

NOTEBOOK_BUILD := build/$(PROFILE)/notebooks
# Values of a profile; the quick run has the notebooks' own.
VALUES := $(patsubst full,notebooks/params,$(patsubst original,notebooks/params/original,$(PROFILE)))
# one more than there are cores: tests wait for servers, browsers and clocks
PARALLEL := -n $(shell expr $$(getconf _NPROCESSORS_ONLN) + 1) --maxprocesses 8 --dist loadfile
NBVAL := --nbval-lax --nbval-current-env --nbval-cell-timeout=1200

define CHECK_PYTHON
command -v $(PYTHON) > /dev/null || { echo "$(PYTHON) is not there: install Python 3.11 or newer, or say which: make … PYTHON=python3.12" >&2; exit 1; }; \
$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "$(PYTHON) is $$($(PYTHON) -V 2>&1): trailcast needs Python 3.11 or newer; say which: make … PYTHON=python3.12" >&2; exit 1; }
endef

.DEFAULT_GOAL := help
.PHONY: $(LIGHT) $(HEAVY) $(OTHERS) words FORCE

help: ## this list
	@$(CHECK_PYTHON)
	@$(PYTHON) -m utils.cli --from-make help
	@printf '\nOther targets:\n'
	@sed -nE 's/^([a-z-]+):[^#]*## /\1\t/p' Makefile | while IFS=$$'\t' read -r name text; do printf '  %-11s %s\n' "$$name" "$$text"; done

# Unknown and missing words are refused before anything is installed.
words:
ifneq ($(SAID)$(filter $(LIGHT) $(HEAVY),$(MAKECMDGOALS)),)
	@$(CHECK_PYTHON)
	@$(PYTHON) -m utils.cli --from-make --check $(firstword $(filter $(LIGHT) $(HEAVY) $(OTHERS),$(MAKECMDGOALS)) help)
endif

$(filter-out help,$(OTHERS)): | words

$(LIGHT): words | $(READY_LIGHT)
	@$(PY) -m utils.cli --from-make $@

$(HEAVY): words | $(READY)
	@$(PY) -m utils.cli --from-make $@

setup: $(READY) ## everything into .venv; other targets install what they need when they need it, once

reports: $(READY) ## run all notebooks into reports/index.html; PROFILE=full for full training, PROFILE=original for 01 to 04 in the original size
	@case "$(PROFILE)" in quick|full|original) ;; *) echo "PROFILE=$(PROFILE): expected quick, full or original" >&2; exit 2;; esac
	@status=0; $(MAKE) --no-print-directory --keep-going every_report || status=$$?; \
	$(MAKE) --no-print-directory index || status=$$?; exit $$status

test: $(READY) ## every test, and every notebook with its defaults against its stored facts, on all cores
	$(PY) -m pytest $(PARALLEL) $(NBVAL) tests $(sort $(wildcard notebooks/*.ipynb)) $(TEST_ARGS)

test-fast: $(READY) ## tests in under three minutes: without those marked slow, and without the notebooks
	$(PY) -m pytest $(PARALLEL) -m "not slow" tests $(TEST_ARGS)

fuzz: $(READY) ## 500 damaged recordings of each kind and 5,000 profiles: each is what it was, or refused
	FUZZ_EXAMPLES=500 $(PY) -m pytest $(PARALLEL:loadfile=load) tests/recordings/test_damaged_runs.py tests/hostile/test_profiles.py $(TEST_ARGS)

soak: $(READY) ## the API under valid and hostile requests for 5 minutes: no answer is 500, memory stays flat
	$(PY) -m tests.hostile.soak

lint: $(READY) ## style of code and notebooks
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .

lab: $(READY) ## JupyterLab on the notebooks
	$(PY) -m jupyter lab notebooks

tidy: $(READY) ## notebooks as git keeps them: outputs cleared but those that tests compare
	@$(PY) -m utils.notebooks.outputs || test $$? -eq 1

facts: $(READY) ## take compared outputs from the last quick run, where results changed on purpose
	@$(PY) -m utils.notebooks.outputs --facts build/quick/notebooks || test $$? -eq 1

clean: ## remove what runs made (not .venv, not reports/full)
	rm -rf build reports/quick reports/plans reports/index.html .pytest_cache .ruff_cache .hypothesis
	find lib utils tests notebooks -name __pycache__ -prune -exec rm -rf {} +

# requirements.txt pins; pyproject.toml says what is needed for what.
PIP := $(VENV)/bin/python -m pip install --disable-pip-version-check --quiet -c requirements.txt
define MAKE_VENV
$(CHECK_PYTHON); test -x $(VENV)/bin/python || $(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo "$(PYTHON) cannot make a virtual environment; on Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }
endef

$(VENV)/ready-light-%: | words
	@$(MAKE_VENV)
	@echo "Installing what planning needs into $(VENV) (once)"
	$(PIP) --no-compile setuptools
	$(PIP) --no-compile --no-build-isolation -e .
	@rm -f $(VENV)/ready-*
	@touch $@

# torch first and alone: as a dependency of another package it could come in another build
$(VENV)/ready-full-%: | words
	@$(MAKE_VENV)
	@echo "Installing everything into $(VENV) (once, some minutes)"
	$(VENV)/bin/python -m pip install --disable-pip-version-check "$$(grep -m1 '^torch==' requirements.txt)"
	$(PIP) setuptools
	$(PIP) --no-build-isolation -e '.[train,dem,lab,cluster,dev]'
	@rm -f $(VENV)/ready-*
	@touch $@

# The graph is read only by goals that need it. Its rules say what each executed notebook depends on.
ifneq ($(filter-out $(LIGHT) $(HEAVY) $(filter-out every_report,$(OTHERS)) words,$(MAKECMDGOALS)),)
include build/notebooks.mk
endif

build/notebooks.mk: FORCE
	@$(CHECK_PYTHON)
	@$(PYTHON) utils/notebooks/dependencies.py

# The original pipeline's size: the notebooks that are about the network.
every_report: $(patsubst %,reports/$(PROFILE)/%.html,$(filter $(if $(filter original,$(PROFILE)),01_% 02_% 03_% 04_%,%),$(NOTEBOOKS)))
	@:

$(NOTEBOOK_BUILD)/%.ipynb: | $(READY)
	@$(PY) -m utils.notebooks.run notebooks/$*.ipynb --profile $(PROFILE) --executed $@ \
	  $(addprefix --params ,$(wildcard $(VALUES)/$*.yaml)) \
	  --failed build/$(PROFILE)/failed/$*.ipynb --failed-report reports/$(PROFILE)/$*.failed.html

reports/$(PROFILE)/%.html: $(NOTEBOOK_BUILD)/%.ipynb utils/notebooks/render.py utils/plan_page/templates/page.css utils/notebooks/templates/report/index.html.j2 | $(READY)
	@$(PY) -m utils.notebooks.render $< $@

index: | $(READY)
	@$(PY) -m utils.notebooks.index_page
	@echo "reports/index.html"
