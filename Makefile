# Every target works on a fresh clone with Python >= 3.11 and make: the first one run sets up .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/ready

.PHONY: demo test fuzz oracle agreement coverage docs mutations lint wheel-smoke bench bench-corpus real managed-policies draw clean

demo: $(READY)  ## generate the sample application's role, then check it against the source
	@PATH="$(CURDIR)/$(BIN):$$PATH" sh fixtures/apps/orders/demo.sh

test: $(READY)  ## all tests
	$(BIN)/python -m pytest -n auto

fuzz: $(READY)  ## generated programs and damaged inputs: EXAMPLES of each, then SECONDS for each kind led by coverage
	$(BIN)/python -m pip install --quiet --group fuzz
	LPA_FUZZ_EXAMPLES=$(or $(EXAMPLES),3000) $(BIN)/python -m pytest tests/flow/test_generated_programs.py tests/fuzz
	$(BIN)/python -m tests.fuzz $(or $(SECONDS),60)

oracle: $(READY)  ## what sample programs ask of AWS when they run, against what is found in their source
	$(BIN)/python -m tests.flow.oracle

coverage: $(READY)  ## what is known of every operation of every service, counted; writes docs/coverage.md
	$(BIN)/python -m tests.authorize.coverage

agreement: $(READY)  ## 10,000 random requests judged here, by moto's server and by iam-simulate (with npm), and how they differ
	$(BIN)/python -m tests.iam.agreement $(or $(QUESTIONS),10000) $(or $(SEED),1)

mutations: $(READY)  ## the policies of the sample applications with one thing changed each: what `lpa check` says of it
	$(BIN)/python -m tests.compare.mutations

deploy: $(READY)  ## the sample applications with generated roles in moto's server, whole and with each permission deleted
	$(BIN)/python -m tests.deploy $(APPS)

docs: $(READY)  ## the page that describes every check; writes docs/checks.md
	$(BIN)/python -m tests.checks.page

lint: $(READY)  ## what CI checks besides the tests
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

wheel-smoke: $(READY)  ## the built wheel with its dependencies from the registry, in an environment of its own
	rm -rf dist/smoke
	$(BIN)/python -m build --quiet --wheel --outdir dist/smoke
	$(BIN)/python -m venv dist/smoke/venv
	dist/smoke/venv/bin/python -m pip install --quiet dist/smoke/*.whl
	cd fixtures/apps/orders && $(CURDIR)/dist/smoke/venv/bin/lpa generate role.json --check --source src $$(cat options)

bench: $(READY) bench-corpus  ## speed, as ratios measured in one run
	$(BIN)/python tests/benchmarks/start_up.py
	$(BIN)/python tests/benchmarks/throughput.py .bench/corpus
	$(BIN)/python tests/benchmarks/linear.py
	$(BIN)/python tests/benchmarks/second_check.py

real: $(READY) bench-corpus  ## the share of call sites resolved in real code: of `bench`, and of FOLDERS="checkout ..."
	$(BIN)/python tests/benchmarks/resolved_share.py $(FOLDERS) .bench/corpus/*

bench-corpus: .bench/ready  ## real code that nobody here wrote, for `bench` and `real`

.bench/ready: $(READY)
	$(BIN)/python tests/benchmarks/download_corpus.py .bench/corpus
	touch $@

managed-policies: $(READY)  ## rules/managed_policies/ anew, from the AWS managed policies of the newest moto
	$(BIN)/python -m pip install --quiet --upgrade moto
	$(BIN)/python tests/rules/update_managed_policies.py

# pip learnt --group (the dev dependencies) in 25.1; a new venv may hold an older one.
$(READY): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "lpa needs Python >= 3.11, and $(PYTHON) is older: make PYTHON=python3.12 ...")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade "pip>=25.1"
	$(BIN)/python -m pip install --quiet --editable . --group dev
	touch $@

draw: $(READY)  ## operations at random, to be read against AWS's documentation (docs/readings)
	$(BIN)/python -m tests.authorize.draw $(or $(SEED),1) $(or $(COUNT),20)

clean:
	rm -rf $(VENV) .bench .lpa-demo dist build
