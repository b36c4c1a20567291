# `make local`: the whole post on this machine. `make help` lists the rest.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
STACK ?= local
# The packages are installed uncompiled: without this every process would compile them again.
unexport PYTHONDONTWRITEBYTECODE
PYTHON := .venv/bin/python
VENV := .venv/.installed

# The local stack runs in the environment of the cloud, and its checks where the internet is.
ifeq ($(STACK),local)
# In two steps, since `eval` alone would hide that there is no cloud.
IN_STACK = cloud=$$($(PYTHON) -m localcloud env); eval "$$cloud"
FROM_WORLD = $(PYTHON) -m localcloud exec world --
else
IN_STACK = export PATH="$$PWD/.venv/bin:$$PATH"
FROM_WORLD =
endif

.PHONY: help local machine tools cloud deploy check destroy down test unit lint soak bench drawings
help: ## what there is
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

local: machine tools cloud deploy check ## from nothing to every statement of the post, checked
	@cat docs/next.txt

machine: # before the long steps: without Python the next step says so itself
	@if command -v python3 >/dev/null; then python3 -m localcloud.machine; fi

$(VENV): requirements.txt requirements-dev.txt constraints.txt
	@bash localcloud/tools/venv.sh .venv
	@touch $@

tools: $(VENV) ## build, once, what the local cloud runs on
	@$(PYTHON) -m localcloud.tools

cloud: tools
	@$(PYTHON) -m localcloud up

deploy: $(VENV) ## pulumi up of STACK
	@$(IN_STACK); pulumi stack select --create $(STACK) && pulumi up --yes --skip-preview

check: $(VENV) ## replay the post against STACK
	@$(IN_STACK); outputs=$$(pulumi stack output --json --show-secrets --stack $(STACK)); \
	  $(FROM_WORLD) "$$PWD/$(PYTHON)" -m checks --outputs - <<< "$$outputs"

# With a preview, which fails if a resource is protected: without one, others would go first.
destroy: $(VENV) ## pulumi destroy of STACK
	@$(IN_STACK); pulumi destroy --yes --stack $(STACK)

down: $(VENV) ## end the local cloud; its stack goes with it
	@$(PYTHON) -m localcloud down

lint: $(VENV) ## ruff, mypy, and who may import whom
	@.venv/bin/ruff check . && .venv/bin/ruff format --check . && .venv/bin/mypy
	@.venv/bin/lint-imports --no-cache --no-logo

unit: $(VENV) ## tests without a cloud, and how much of the program and its checks they cover
	@.venv/bin/pytest -n 4 --dist worksteal --cov --cov-report= tests/unit

test: lint tools unit ## everything, on local clouds of its own
	@.venv/bin/pytest tests/api tests/cloud

soak: tools ## upgrade stacks to the next Kubernetes: 2 min, after 7 to build it once
	@$(PYTHON) -m localcloud.tools --kubernetes 1.36
	@.venv/bin/pytest tests/soak

bench: tools ## how long things take, and how much memory
	@$(PYTHON) -m bench

drawings: $(patsubst %.dot,%.svg,$(wildcard docs/drawings/*.dot)) ## docs/drawings; needs graphviz

# The comment says of which text it is: a test compares.
%.svg: %.dot
	@dot -Tsvg -Grankdir=LR -Gbgcolor=white -Gfontname=Helvetica -Gfontsize=12 -Nshape=box \
	  -Nstyle=rounded,filled -Nfillcolor=white -Nfontname=Helvetica -Nfontsize=12 \
	  -Nmargin=0.16,0.08 -Efontname=Helvetica -Efontsize=11 \
	  -Gcomment="sha256 $$(sha256sum < $< | cut -d ' ' -f 1)" $< > $@
