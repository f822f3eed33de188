# Two commands do everything: `make run` and `make test`. Both install only what is missing.
.DEFAULT_GOAL := run
.PHONY: faults run test set-up set-up-test system system-test place words shots gallery lock clean audit sbom corpus access mutants

BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input -q
PARTS := $(wildcard portal/translations/en/parts/*.po)
WORDS := portal/translations/en/LC_MESSAGES/messages.mo
FETCHED := portal/static/vendor/fetched.json
OWN := portal/static/vendor/own.json
DATABASE_TESTS := tests/models tests/services tests/web tests/parents tests/teachers tests/staff tests/house tests/jobs tests/commands tests/uploads tests/access tests/bad_inputs tests/places
WORKERS ?= 2

run: set-up
	PORTAL_TRIAL=1 $(BIN)/portal demo --if-missing
	PORTAL_TRIAL=1 $(BIN)/portal serve

# The whole suite on SQLite, then everything that touches the database once more on a real PostgreSQL.
test: set-up-test
	$(BIN)/ruff check .
	$(BIN)/mypy
	CHROMIUM=$${CHROMIUM:-$$(sh scripts/browser.sh)} $(BIN)/pytest -n $(WORKERS) --dist loadscope
	$(BIN)/pytest -n $(WORKERS) --dist loadscope -m 'not journey and not slow' --postgres $(DATABASE_TESTS)

set-up: system .venv/.packages $(FETCHED) $(OWN) $(WORDS)
set-up-test: system-test .venv/.test-packages $(FETCHED) $(OWN) $(WORDS)

system:
	@sh scripts/system.sh run
system-test:
	@sh scripts/system.sh test
place: | $(if $(filter set-up-test test,$(MAKECMDGOALS)),system-test,system)
	@sh scripts/venv.sh

# Stamps: a second start only compares the times of these files.
.venv/.packages: requirements.txt scripts/build-tools.txt pyproject.toml | place
	@echo "Installing the locked packages"
	@$(PIP) install --require-hashes -r requirements.txt -r scripts/build-tools.txt
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@
.venv/.test-packages: requirements-dev.txt .venv/.packages
	@echo "Installing the locked packages of the tests"
	@$(PIP) install --require-hashes -r requirements-dev.txt
	@touch $@
$(FETCHED): scripts/browser_assets.py scripts/browser-assets.txt scripts/icons.txt | .venv/.packages
	@echo "Fetching the browser files"
	@$(BIN)/python scripts/browser_assets.py fetch
$(OWN): scripts/browser_assets.py $(wildcard portal/static/*.*) | .venv/.packages
	@$(BIN)/python scripts/browser_assets.py own
$(WORDS): scripts/words.py $(PARTS) | .venv/.packages
	@$(BIN)/python scripts/words.py compile

# Lists what is untranslated, translated twice or no longer used; compiles the rest.
words: .venv/.packages
	$(BIN)/python scripts/words.py check
	$(BIN)/python scripts/words.py compile

# Pictures of every component at 360, 768 and 1280 pixels, dark, large and in English, in screenshots/.
shots: set-up-test
	CHROMIUM=$${CHROMIUM:-$$(sh scripts/browser.sh)} $(BIN)/python -m tests.house.gallery

# Looks at all screens of tests/house/gallery_screens.py and keeps a picture of each, by name, state and width.
gallery: set-up-test
	CHROMIUM=$${CHROMIUM:-$$(sh scripts/browser.sh)} $(BIN)/pytest -n $(WORKERS) --dist loadscope --pictures tests/house/test_look_screens.py tests/house/test_look_staff.py

# Kills, starves and unplugs a real server, and servers that are broken on purpose; writes the table of docs/security.md.
# As root also power cuts and full disks; about 15 minutes on two processors.
faults: set-up-test
	$(BIN)/python -m tests.faults.report

# Every route by every actor with every kind of object in every form; writes the table of docs/security.md.
access: set-up-test
	$(BIN)/python -m scripts.access
# Takes away each question of place once and sees whether a test notices; in memory, no file is changed.
mutants: set-up-test
	$(BIN)/python -m scripts.mutants

# Locks again after a change of pyproject.toml; `make lock UPGRADE=--upgrade` takes newer versions.
lock: .tools/bin/uv
	.tools/bin/uv pip compile -q --generate-hashes --no-header --python-version 3.11 $(UPGRADE) pyproject.toml -o requirements.txt
	.tools/bin/uv pip compile -q --generate-hashes --no-header --python-version 3.11 $(UPGRADE) --extra dev --extra s3 pyproject.toml -o requirements-dev.txt
.tools/bin/uv:
	$$(sh scripts/find_python.sh) -m venv .tools
	.tools/bin/pip install -q uv==0.13.9

# What it is built from: pins, hashes, licences, known holes (PORTAL_ADVISORIES=folder of OSV records); docs/licences.md.
audit: .venv/.test-packages
	$(BIN)/python scripts/licences.py write
	$(BIN)/python scripts/licences.py check
# The list of parts as CycloneDX JSON.
sbom: .venv/.test-packages
	$(BIN)/python scripts/licences.py sbom build/sbom.json
	@echo build/sbom.json
# Pillow's own collection of broken pictures, fetched once into .tools/ and sent through the reading process.
corpus: .venv/.test-packages
	$(BIN)/python -m scripts.pillow_corpus fetch
	$(BIN)/python -m scripts.pillow_corpus measure
	$(BIN)/pytest -q -n0 tests/bad_inputs/test_corpus.py

clean:
	rm -rf .venv .tools build dist screenshots .mypy_cache .pytest_cache .ruff_cache .hypothesis portal/static/vendor *.egg-info
	find portal tests scripts benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +
	find portal/translations -name '*.mo' -delete
