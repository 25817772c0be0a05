# The two commands a newcomer needs are `make demo` and `make test`; each does all set-up by itself.
.DELETE_ON_ERROR:
.PHONY: demo test test-long check api-check screenshots lint bench score fuzz interop realism languages lock vendor clean
PY := .venv/bin/python
ARGS ?=
# Hundreds of commands are run by the tests: each would compile all modules anew.
unexport PYTHONDONTWRITEBYTECODE

demo: .venv/.ok
	@$(PY) -m exchange demo $(ARGS)

# Tests of one file share a served hub, so they stay on one worker.
test: .venv/.ok check
	@sh tests/prepare.sh
	$(PY) -m pytest -n 2 --dist loadfile --no-loadscope-reorder -m "not long" $(ARGS)

test-long: .venv/.ok
	$(PY) -m pytest -n 2 --dist loadfile --no-loadscope-reorder -m "long" $(ARGS)

# What a machine can check without running anything: style, types, who imports whom.
check: .venv/.ok
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/mypy
	.venv/bin/lint-imports

# Other people's programs open what we send, and we what they make; sets them up and writes docs/interop.md.
interop: .venv/.ok
	$(PY) -m tests.interop

# Our mail through a real Postfix and Dovecot into a real Thunderbird, and back; installs them from Debian, as root.
# ARGS=--write writes docs/realism.md anew.
realism: .venv/.ok
	$(PY) -m tests.realism $(ARGS)

# The API against its own document: schemathesis asks a served hub thousands of things; some minutes.
api-check: .venv/.ok
	$(PY) -m pytest tests/journeys/test_api.py -k document $(ARGS)

# Looks at every page, says what a program finds wrong, keeps a small picture of each in docs/screens.
# ARGS="--only desk" for a part.
screenshots: .venv/.ok
	@sh tests/prepare.sh
	@$(PY) -m tests.screens $(ARGS)

bench: .venv/.ok
	$(PY) -m bench $(ARGS)

# Strangers' octets by the million against the readers; ARGS="--seconds 60" for each target, or names of targets.
fuzz: .venv/.ok .fuzz/.ok
	@PYTHONPATH=.fuzz $(PY) -m tests.fuzz $(ARGS)

.fuzz/.ok: requirements-fuzz.lock
	.tools/bin/uv pip install -q --python .venv --target .fuzz --require-hashes -r requirements-fuzz.lock
	@touch .fuzz/.ok

# How well labelled mail is read: ARGS names a folder with an expected.tsv, such as ../shared/mail.
score: .venv/.ok
	@$(PY) -m bench.score $(ARGS)

.venv/.ok: pyproject.toml requirements-dev.lock
	@sh deploy/set-up.sh

# Gathers every sentence into each language's catalogue and says what lacks; ARGS=pl begins a language.
languages: .venv/.ok
	@$(PY) -m templates.languages.gathering $(ARGS)

# Locks hold hashes and no registry address, so the same files serve behind any mirror.
lock: .venv/.ok
	.tools/bin/uv pip compile -q --generate-hashes --python-version 3.11 --no-emit-index-url --no-header pyproject.toml -o requirements.lock
	.tools/bin/uv pip compile -q --generate-hashes --python-version 3.11 --no-emit-index-url --no-header --group dev pyproject.toml -o requirements-dev.lock
	.tools/bin/uv pip compile -q --generate-hashes --python-version 3.11 --no-emit-index-url --no-header --group fuzz -o requirements-fuzz.lock

clean:
	rm -rf .venv .tools .fuzz

# Builds the stylesheet and script again from deploy/vendor; what it writes is committed, so only this needs node.
vendor:
	@sh deploy/vendor/build.sh
