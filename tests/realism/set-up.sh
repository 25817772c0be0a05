#!/bin/sh
# Postfix, OpenDKIM, Dovecot, Thunderbird and neomutt, from Debian. Starts no service, now or at the next boot, and
# removes no package. Exit 3: they cannot be had here, and the last line says why.
set -eu
cannot() { echo "realism: $1" >&2; exit 3; }
PATH="$PATH:/usr/sbin"
missing=""
for pair in postfix:postfix opendkim:opendkim dovecot:dovecot-imapd thunderbird:thunderbird neomutt:neomutt tmux:tmux \
  pngquant:pngquant; do
  command -v "${pair%%:*}" >/dev/null 2>&1 || missing="$missing ${pair##*:}"
done
[ -x /usr/lib/dovecot/lmtp ] || missing="$missing dovecot-lmtpd"
ls /usr/lib/thunderbird/extensions/langpack-en-GB* >/dev/null 2>&1 || missing="$missing thunderbird-l10n-en-gb"
[ "$(id -u)" = 0 ] || cannot "Postfix and Dovecot run as users of their own, so root must start them. Run it as root, in a container for example."
[ -n "$missing" ] || exit 0
command -v apt-get >/dev/null 2>&1 || cannot "missing:$missing. They are installed with apt-get, which is not here."
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then # asked before any package starts a service
  trap 'rm -f "$policy"' EXIT
  printf '#!/bin/sh\nexit 101\n' >"$policy" && chmod +x "$policy"
fi
echo "realism: installing$missing" >&2
echo "postfix postfix/main_mailer_type select No configuration" | debconf-set-selections
export DEBIAN_FRONTEND=noninteractive
log=$(mktemp)
{ apt-get update -qq && apt-get -o DPkg::Lock::Timeout=300 install -y -qq --no-remove --no-install-recommends $missing; } >"$log" 2>&1 ||
  { grep '^E:' "$log" >&2 || tail -n 5 "$log" >&2; cannot "apt-get could not install:$missing"; }
for name in $missing; do
  unit=${name%%-*}.service
  [ -d /run/systemd/system ] && systemctl disable -q "$unit" 2>/dev/null || true
done
