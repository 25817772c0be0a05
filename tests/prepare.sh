#!/bin/sh
# What the tests need beyond Python: says what is missing and how to install it; installs it where it may.
set -eu
say() { echo "test set-up: $1 is missing; tests that need it are skipped. Install it with: apt-get install $2" >&2; }
missing=""
[ -x /usr/bin/chromium ] || missing="$missing chromium"
ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1 || command -v postgres >/dev/null 2>&1 || missing="$missing postgresql"
for name in neomutt tmux; do command -v "$name" >/dev/null 2>&1 || missing="$missing $name"; done
if [ -n "$missing" ]; then
  if [ "$(id -u)" = 0 ] && [ -n "${CI:-}" ]; then
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
  else
    for name in $missing; do say "$name" "$name"; done
  fi
fi
