# make demo, make test and make lint install what they need on their first run; a bare Python 3.10+ is enough.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# How many seeds `make chaos` draws; `make chaos SEED=17` plays that one again.
RUNS ?= 50
DRAW := import random; print(*random.sample(range(10**6), $(RUNS)))
INSTALLED := $(VENV)/.installed
QUICK := tests/api tests/state tests/docs tests/test_layout.py tests/stream_types/test_wire.py \
	tests/sync/test_sdk_adapter.py tests/privacy/test_data_classes.py tests/privacy/test_redaction.py

# Where it is set, each program that a test starts would compile itself and all that it imports anew.
unexport PYTHONDONTWRITEBYTECODE

# Where `make report` finds the marts.
DATABASE ?= $(DATABASE_URL)

.PHONY: install demo report picture bench test end-to-end quick chaos examples lint format hub tables sentences dist lock clean

install: $(INSTALLED)

$(BIN)/uv:
	$(PYTHON) -m venv --clear $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check "$$(sed -n 's/^\(uv==[^ ]*\).*/\1/p' requirements-dev.lock)"

$(INSTALLED): pyproject.toml linkedin_sandbox/pyproject.toml requirements-dev.lock | $(BIN)/uv
	$(BIN)/uv pip sync --quiet --python $(BIN)/python requirements-dev.lock
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation \
		--editable . --editable linkedin_sandbox
	@touch $@

demo: $(INSTALLED)
	@$(BIN)/python -m demo.run

# Of your own marts: make report DATABASE=postgresql://…, or a DuckDB file; OPTIONS="--days 28" and so on.
report: $(INSTALLED)
	@$(BIN)/python -m report $(if $(DATABASE),--database "$(DATABASE)") $(OPTIONS)

# The top of the demo's report, for the README. It takes Chromium and its driver.
picture: demo
	$(BIN)/python -m tests.support.browser picture demo/report.html docs/demo.png

bench: $(INSTALLED)
	@$(BIN)/python -m bench $(WORKLOADS)

test: $(INSTALLED)
	$(BIN)/python -m pytest --ignore=tests/end_to_end $(PYTEST_ARGS)

# With real programs: Meltano and targets, PostgreSQL and DuckDB, dbt, a browser, wheels, a fresh clone.
end-to-end: $(INSTALLED)
	$(BIN)/python -m pytest $(PYTEST_ARGS) tests/end_to_end

# Less than two minutes on two cores: the parts that break first, without whole runs.
quick: $(INSTALLED)
	$(BIN)/python -m pytest $(PYTEST_ARGS) $(QUICK)

chaos: $(INSTALLED)
	CHAOS_SEEDS="$(or $(SEED),$$($(BIN)/python -c '$(DRAW)'))" $(BIN)/python -m pytest -v --dist=worksteal $(PYTEST_ARGS) tests/sync/test_chaos.py

# The Dagster example, in an environment of its own that the first run installs.
examples: $(INSTALLED)
	$(BIN)/python -m pytest -n0 $(PYTEST_ARGS) tests/examples/dagster_example.py

lint: $(INSTALLED)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/hadolint Dockerfile
	$(BIN)/compose-lint check --quiet compose.yml
	$(BIN)/zizmor --offline --quiet .github

format: $(INSTALLED)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

hub: $(INSTALLED)
	$(BIN)/python -m generate hub

tables: $(INSTALLED)
	$(BIN)/python -m generate tables

# Everything that the tap can say, to be read in one go.
sentences: $(INSTALLED)
	@$(BIN)/python -m generate.sentences

dist: $(INSTALLED)
	rm -rf dist
	for project in . linkedin_sandbox; do \
		$(BIN)/uv build --quiet --no-build-isolation --python $(BIN)/python --out-dir dist $$project || exit 1; done
	for kind in whl tar.gz; do \
		UV=$(BIN)/uv .ci/check-dist dist/tap_linkedin_dma-*.$$kind dist/linkedin_dma_sandbox-*.$$kind || exit 1; done

lock: | $(BIN)/uv
	$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.10 --generate-hashes --no-header \
		--group dev --output-file requirements-dev.lock pyproject.toml

clean:
	rm -rf $(VENV) dist .bench .meltano .mypy_cache .pytest_cache .ruff_cache
