#!/bin/sh
# Other people's OpenPGP and S/MIME programs, from Debian, PyPI and npm: into the system (as root) and .tools/interop.
set -eu
missing=""
for pair in gpg:gnupg sq:sq rnp:rnp gosop:gosop gpgsm:gpgsm openssl:openssl npm:npm; do
  command -v "${pair%%:*}" >/dev/null 2>&1 || missing="$missing ${pair##*:}"
done
if [ -n "$missing" ]; then
  [ "$(id -u)" = 0 ] || { echo "interop: missing:$missing. Install them with: apt-get install$missing" >&2; exit 1; }
  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
fi
mkdir -p .tools/interop
# PGPy's last release needs a cryptography that still has its old ciphers, so it gets a place of its own.
[ -x .tools/interop/pgpy/bin/python ] || python3 -m venv .tools/interop/pgpy
.tools/interop/pgpy/bin/pip install -q --disable-pip-version-check "pgpy==0.6.0" "cryptography==42.0.8"
[ -d .tools/interop/node_modules/openpgp ] || npm install --silent --no-audit --no-fund --prefix .tools/interop openpgp@6.3.2
