# What people and CI run. The machine needs CPython 3.11 with venv and pip, and make; `make help` lists the rest.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
UV ?= uv
CASES ?= ../shared/dmn-tck
MINUTES ?= 10
BIN := .venv/bin

export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_NO_INPUT := 1
export PYTHONUNBUFFERED := 1

# A lock is installed when the environment holds a copy of it, made last, under the path of this very folder.
installed = { pwd && cat $(1); } | cmp -s - .venv/$(1)
note_installed = { pwd && cat $(1); } > .venv/$(1)

.PHONY: help run test check bench simulate oracle tck fuzz assets lock bundle packages environment development
.NOTPARALLEL:
.DEFAULT_GOAL := help

help: ## this list
	@sed -n 's/^\([a-z]*\):[^#]*## /make \1	/p' Makefile

run: export TONGXIN_DEMO ?= 1
run: environment ## start everything on http://127.0.0.1:8000 (PORT, HOST, TONGXIN_HOME, DATABASE_URL, TONGXIN_DEMO=0)
	@exec $(BIN)/tongxin up

test: development packages ## everything that runs: unit tests, scenarios, browser
	$(BIN)/python -m pytest -n auto --maxprocesses=4 --dist=worksteal

check: development ## everything static: format, lint, types, import contracts, templates, migrations, locks
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/djlint --lint --profile=jinja web/templates
	$(BIN)/tongxin migrate --check
	$(BIN)/python -m pytest -q tests/test_lock.py

bench: development ## completions per second, and what the database alone could do
	$(BIN)/python -m tests.bench.feel
	$(BIN)/python -m tests.bench
	$(BIN)/python -m tests.bench.ledgers
	$(BIN)/python -m tests.bench.town --minutes 1 --kill

N ?= 10000
oracle: development ## N random processes against an oracle that knows nothing of tokens; the library as shipped beside us
	$(BIN)/python -m tests.oracle $(N)

tck: development ## the DMN TCK's cases, passed by folder (CASES=FOLDER; VERBOSE=1 tells every miss)
	@$(BIN)/python -m tests.decisions.tck $(CASES) $(if $(VERBOSE),-v)

fuzz: development ## FEEL against random and grammar-made input (MINUTES=10); not in CI
	$(BIN)/python -m tests.feel.fuzz $(MINUTES)

YEAR ?= --cases 20000
simulate: development ## a year of a county on a moved clock (YEAR="--cases N --days N --townships N --communities N"); not in CI
	$(BIN)/python -m tests.simulate $(YEAR)

assets: ## build web/static/modeler from web/modeler (needs Node.js; its result is committed)
	cd web/modeler && npm ci --no-audit --no-fund && npm run build

bundle: environment ## dist/tongxin-VERSION.tar.gz: installs, upgrades and rolls back without a network (x86-64, arm64)
	$(BIN)/python deploy/bundle.py

lock: ## choose the newest versions pyproject.toml allows (needs uv)
	$(UV) pip compile --universal --generate-hashes --no-header --no-annotate --upgrade --quiet \
		pyproject.toml -o requirements.lock
	$(UV) pip compile --universal --generate-hashes --no-header --no-annotate --upgrade --quiet \
		--extra dev -c requirements.lock pyproject.toml -o requirements-dev.lock

packages:
	@sh .ci/packages

environment:
	@$(call installed,requirements.lock) && $(BIN)/python -c '' || $(MAKE) --no-print-directory .venv

development: environment
	@$(call installed,requirements-dev.lock) || { \
		echo '安装检查和测试用的工具 …' && \
		$(BIN)/python -m pip install --require-hashes -r requirements-dev.lock && \
		$(call note_installed,requirements-dev.lock); }

.PHONY: .venv
.venv:
	@echo '准备运行环境 .venv（第一次要下载，需几分钟）…'
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo '需要 Python 3.11 或更新的版本；用 make PYTHON=/路径/python3.11 … 指定。' >&2; exit 1; }
	@sh deploy/environment.sh . "$(PYTHON)"
	@$(call note_installed,requirements.lock)
