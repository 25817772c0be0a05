#!/bin/sh
# Makes .venv from the hash-locked requirements; says what the system lacks and how to install it.
set -eu
need() { command -v "$1" >/dev/null 2>&1 || { echo "set-up: '$1' is missing. Install it with: $2" >&2; exit 1; }; }
need python3 "apt-get install python3 python3-venv"
need gpg "apt-get install gnupg"
python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "set-up: Python 3.11 or newer is needed, this is $(python3 -V)" >&2; exit 1; }
python3 -c 'import venv, ensurepip' 2>/dev/null || { echo "set-up: Python's venv is missing. Install it with: apt-get install python3-venv" >&2; exit 1; }
[ -x .tools/bin/uv ] || { python3 -m venv .tools; .tools/bin/pip install -q --disable-pip-version-check uv==0.13.9; }
[ -x .venv/bin/python ] || .tools/bin/uv venv -q --python python3 .venv
.tools/bin/uv pip sync -q --compile-bytecode --python .venv --require-hashes requirements-dev.lock
.tools/bin/uv pip install -q --python .venv --no-deps -e .
touch .venv/.ok
