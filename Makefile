# `make local`: the whole post on this machine. `make help` lists the rest.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
STACK ?= local
# The packages are installed without bytecode: with this set, every process would compile them.
unexport PYTHONDONTWRITEBYTECODE
PYTHON := .venv/bin/python
VENV := .venv/.installed

# Recipes end with `exec`, so that pulumi and the checks get the signals that end make.
# For the stack local, `localcloud env` sets the variables of pulumi, and the checks run on the host
# `world`, which represents the internet.
ifeq ($(STACK),local)
# In two steps, since `eval "$(...)"` would ignore the error if there is no cloud.
IN_STACK = cloud=$$($(PYTHON) -m localcloud env); eval "$$cloud"
FROM_WORLD = $(PYTHON) -m localcloud exec world --
else
IN_STACK = export PATH="$$PATH:$$PWD/.venv/bin"
FROM_WORLD =
endif

.PHONY: help local machine tools cloud deploy check destroy down test unit lint soak bench drawings
help: ## list the targets
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

local: machine tools cloud deploy check ## from nothing to every statement of the post, checked
	@cat docs/next.txt

machine: # fails before the long steps if a cloud cannot run here; venv.sh reports a missing Python
	@if command -v python3 >/dev/null; then python3 -m localcloud.machine; fi

$(VENV): requirements.txt requirements-dev.txt constraints.txt
	@bash localcloud/tools/venv.sh .venv
	@touch $@

tools: $(VENV) ## build, once, what the local cloud runs on
	@$(PYTHON) -m localcloud.tools

cloud: tools
	@$(PYTHON) -m localcloud up

deploy: $(VENV) ## pulumi up of STACK
	@$(IN_STACK); pulumi stack select --create $(STACK); \
	  exec pulumi up --yes --skip-preview

check: $(VENV) ## check the statements of the post against STACK
	@$(IN_STACK); outputs=$$(pulumi stack output --json --show-secrets --stack $(STACK)); \
	  exec $(FROM_WORLD) "$$PWD/$(PYTHON)" -m checks --outputs - <<< "$$outputs"

# With a preview, which fails if a resource is protected: without one, others would go first.
destroy: $(VENV) ## pulumi destroy of STACK
	@$(IN_STACK); exec pulumi destroy --yes --stack $(STACK)
	@echo "(pulumi stack rm deletes Pulumi.$(STACK).yaml, too, unless given --preserve-config)"

down: $(VENV) ## end the local cloud; its stack goes with it
	@$(PYTHON) -m localcloud down

lint: $(VENV) ## ruff, mypy, and the rules on imports; 1 min
	@.venv/bin/ruff check . && .venv/bin/ruff format --check . && .venv/bin/mypy
	@.venv/bin/lint-imports --no-cache --no-logo

unit: $(VENV) ## tests without a cloud, and their coverage; 2 min
	@.venv/bin/pytest -n 4 --dist worksteal --cov --cov-report= tests/unit

test: lint tools unit ## lint, unit tests, and tests on local clouds of their own
	@.venv/bin/pytest tests/api tests/cloud

soak: tools ## upgrade stacks to the next Kubernetes; 2 min, 9 the first time
	@$(PYTHON) -m localcloud.tools --kubernetes 1.36
	@.venv/bin/pytest tests/soak

bench: tools ## how long things take, and how much memory
	@$(PYTHON) -m bench

drawings: $(patsubst %.dot,%.svg,$(wildcard docs/drawings/*.dot)) ## docs/drawings; needs graphviz

# The comment in the SVG is the checksum of its .dot file; a test compares them.
%.svg: %.dot
	@dot -Tsvg -Grankdir=LR -Gbgcolor=white -Gfontname=Helvetica -Gfontsize=12 -Nshape=box \
	  -Nstyle=rounded,filled -Nfillcolor=white -Nfontname=Helvetica -Nfontsize=12 \
	  -Nmargin=0.16,0.08 -Efontname=Helvetica -Efontsize=11 \
	  -Gcomment="sha256 $$(sha256sum < $< | cut -d ' ' -f 1)" $< > $@
