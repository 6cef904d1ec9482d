# TripChat: `make run`, then open the address that it prints.
#
# PORT and DATA choose where: `make run PORT=3456 DATA=/some/folder`. Several run side by side.

PYTHON := .venv/bin/python
ON_PORT = $(if $(PORT),--port "$(PORT)")
IN_DATA = $(if $(DATA),--data "$(DATA)")
# The demo's people have passwords that everybody knows: they get a folder of their own.
DEMO_DATA = $(or $(DATA),$(TRIPCHAT_DATA),data/demo)

.DEFAULT_GOAL := help
.PHONY: help run run-cluster demo build test backup restore keys-rotate keys-status faults faults-cluster \
	fuzz lint format bench bench-cluster lock clean

help: ## say what there is
	@echo "TripChat. PORT (3000) and DATA (data) go with run, run-cluster, demo and bench: make run PORT=3456"
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 24

run: .venv/installed ## serve the site
	@exec $(PYTHON) -m tripchat run $(ON_PORT) $(IN_DATA)

run-cluster: .venv/installed ## serve with two workers, and its own PostgreSQL and Redis
	@exec $(PYTHON) -m tripchat run-cluster $(ON_PORT) $(IN_DATA)

demo: .venv/installed ## serve the site with trips to look at, in data/demo
	@exec $(PYTHON) -m tripchat demo $(ON_PORT) --data "$(DEMO_DATA)"

build: .venv/installed ## build the page and stop
	@$(PYTHON) -m tripchat build

test: .venv/installed-dev ## install what the checks need, then check everything
	@tools/check

backup: .venv/installed ## write all that is stored into FILE, also while the site runs
	@$(PYTHON) -m tripchat backup "$(FILE)" $(IN_DATA) $(if $(CLUSTER),--cluster)

restore: .venv/installed ## make the content of FILE what is stored; REPLACE=1 if something is
	@$(PYTHON) -m tripchat restore "$(FILE)" $(IN_DATA) $(if $(CLUSTER),--cluster) $(if $(REPLACE),--replace)

keys-rotate: .venv/installed ## put all that is sealed under a new key, also while the site runs
	@$(PYTHON) -m tripchat keys rotate $(IN_DATA) $(if $(CLUSTER),--cluster)

keys-status: .venv/installed ## say how much is sealed under which key
	@$(PYTHON) -m tripchat keys status $(IN_DATA) $(if $(CLUSTER),--cluster)

faults: .venv/installed-dev ## break connections in every way, FAULTS=1000 at random (SEED=)
	@$(PYTHON) -m tests.faults $(if $(FAULTS),--faults $(FAULTS)) $(if $(SEED),--seed $(SEED))

faults-cluster: .venv/installed-dev ## kill workers, Redis and PostgreSQL under 1,000 tabs (SEED=)
	@$(PYTHON) -m tests.services
	@$(PYTHON) -m tests.faults --only cluster $(if $(SEED),--seed $(SEED))

fuzz: .venv/installed-dev ## send INPUTS=50000 of anything to the HTTP routes, and to the WebSocket
	@$(PYTHON) -m pytest -q tests/security/test_fuzz_http.py tests/security/test_fuzz_socket.py \
		--inputs $(or $(INPUTS),50000)

lint: .venv/installed-dev ## check style and types only
	@tools/check style

format: .venv/installed-dev ## put the Python files into their style
	@$(PYTHON) -m ruff check --fix .
	@$(PYTHON) -m ruff format .

bench: .venv/installed-dev ## measure; QUICK=1 for a short run
	@$(PYTHON) -m bench $(ON_PORT) $(IN_DATA) $(if $(QUICK),--quick)

bench-cluster: .venv/installed-dev ## measure two workers on PostgreSQL and Redis; QUICK=1
	@$(PYTHON) -m bench.cluster $(ON_PORT) $(if $(QUICK),--quick)

lock: ## resolve the packages anew into constraints.txt
	@tools/lock

clean: ## remove all that can be made again; data stays
	rm -rf .venv .web .build .states .pytest_cache .ruff_cache .hypothesis test-results
	find . -name __pycache__ -not -path './.git/*' -prune -exec rm -rf {} +

.venv/installed: requirements.txt constraints.txt
	@tools/install requirements.txt $@

.venv/installed-dev: requirements-dev.txt requirements-otel.txt .venv/installed
	@tools/install requirements-dev.txt $@
