#!/bin/sh
# What the tests need beyond Python: says what is missing and how to install it; installs it where it may.
set -eu
say() { echo "test set-up: $1 is missing; tests that need it are skipped. Install it with: apt-get install $2" >&2; }
missing=""
[ -x /usr/bin/chromium ] || missing="$missing chromium"
ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1 || command -v postgres >/dev/null 2>&1 || missing="$missing postgresql"
[ -x /usr/sbin/dovecot ] || missing="$missing dovecot-imapd"
for name in neomutt tmux; do command -v "$name" >/dev/null 2>&1 || missing="$missing $name"; done
if [ -n "$missing" ]; then
  if [ "$(id -u)" = 0 ] && [ -n "${CI:-}" ]; then
    policy=/usr/sbin/policy-rc.d  # asked before a package starts a service: none does
    if [ ! -e "$policy" ]; then
      trap 'rm -f "$policy"' EXIT
      printf '#!/bin/sh\nexit 101\n' >"$policy" && chmod +x "$policy"
    fi
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
  else
    for name in $missing; do say "$name" "$name"; done
  fi
fi
