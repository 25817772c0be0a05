"""Setting up: what an operator does once, or when people and agencies change."""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from exchange import app, naming
from exchange.case.mailbox import Address, AddressRefused
from exchange.edge import SystemClock
from exchange.hub import Hub
from exchange.hub_file import OPERATOR, HubFiles, Weighed
from exchange.hubs.refusal import HubError
from exchange.policy import roles as read_roles
from exchange.safe import digest
from exchange.store import journal, staff
from exchange.store.database import Transaction, check_url
from keys.openpgp import own
from keys.openpgp.keyring import Keyring
from keys.smime import identity
from keys.vault import OpeningHalf, generate_master

CERTIFICATE_FILE = "hub-certificate.pem"
LONGEST_SOCKET = 107  # characters of a Unix socket's path on Linux (unix(7))
TOKEN_BYTES = 32  # of a bearer token: 256 bits


class SetUpRefused(ValueError):
    """This cannot be set up as asked; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Made:
    """What `exchange init` made."""

    settings_file: Path
    public_key_file: Path
    fingerprint: str
    revocation_file: Path  # keep it apart too: whoever has it can end the key, and nothing else
    certificate_file: Path  # for those who write by S/MIME


def init(
    directory: Path, hub_address: str, base_url: str, database: str, hub: str, name: str, keystore: str = ""
) -> Made:
    """Make a new exchange in `directory`. Raises SetUpRefused when something is there already."""
    try:
        address = Address(hub_address)
    except AddressRefused as refused:
        raise SetUpRefused(f"--hub-address: {refused}") from None
    for url in filter(None, (database, keystore)):
        check_url(url)
    if keystore and keystore == database:
        raise SetUpRefused(
            "--keystore: the key store is a database of its own: what is forgotten must not live on in the record's "
            "copies. Make a second database and name it here"
        )
    settings_file = directory / "exchange.toml"
    if settings_file.exists():
        raise SetUpRefused(f"{settings_file} is already there: choose an empty folder, so that no key is overwritten")
    socket = directory.resolve() / "gnupg" / "S.gpg-agent.browser"
    if len(str(socket)) > LONGEST_SOCKET:
        raise SetUpRefused(f"{directory} is too long a path for gpg's sockets: choose a folder with a shorter name")
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    directory.chmod(0o700)
    private, _public = generate_master()
    _write(directory / "master.key", private)
    passphrase = OpeningHalf(private).derive("gnupg").hex()
    keyring = Keyring(directory / "gnupg", passphrase)
    smime = identity.make(
        directory / "smime", OpeningHalf(private).derive("smime").hex(), address.text, name, SystemClock().now()
    )
    certificate_file = directory / CERTIFICATE_FILE
    certificate_file.write_bytes(smime.certificate.pem)
    try:
        fingerprint = keyring.make_hub_key(address.text, name)
        public_key = directory / "hub-public-key.asc"
        public_key.write_text(keyring.export_public(fingerprint))
    finally:
        keyring.close()
    text = _settings_text(directory, address, base_url, (database, keystore), hub, fingerprint)
    _write(settings_file, text.encode())
    revocation = own.revocation_of(directory / "gnupg", fingerprint)
    if revocation is None:
        raise SetUpRefused("gpg made no revocation certificate: is its version 2.1 or newer?")
    return Made(settings_file, public_key, fingerprint, revocation, certificate_file)


def _write(file: Path, content: bytes) -> None:
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as out:
        out.write(content)


def _settings_text(
    directory: Path, address: Address, base_url: str, databases: tuple[str, str], hub: str, fingerprint: str
) -> str:
    """Every key there is, with what it means; those that start with # show what holds unless they are written."""
    whole = directory.resolve()
    record, keys = databases
    return f"""# The settings of one exchange: every key. EXCHANGE_... in the environment overrides any of them,
# with two underscores between table and key: EXCHANGE_RELAY__PORT. Paths are relative to this file's folder.
hub = "{hub}"
hub_address = "{address.text}"
# reply_addresses = "own"    # any address of that domain comes here; "plus": only NAME+...@ of the address above
base_url = "{base_url.rstrip("/")}"
database = "{record or f"sqlite+aiosqlite:///{whole}/exchange.db"}"
keystore = "{keys or f"sqlite+aiosqlite:///{whole}/keys.db"}"  # without it nothing can be read
hub_fingerprint = "{fingerprint}"
# master_key = "master.key"  # opens the key store: keep it apart from copies of both databases
# gnupg_home = "gnupg"
# smime_home = "smime"       # the hub's S/MIME keys, encrypted: `exchange smime`
# openpgp = "sequoia"        # or "gnupg": slower, and able to use a key that stays on a card
dns_server = ""              # host:port; empty uses the system's resolver

[web]
host = "127.0.0.1"
port = 8080
# proxies = ["127.0.0.1", "::1"]  # servers before us: what they write last in X-Forwarded-For is who asks

[smtp]                       # where referrals and answers arrive
host = "127.0.0.1"
port = 2525
# tls_certificate = "mail.pem"  # with tls_key: STARTTLS is offered
# tls_key = "mail.key"
# largest = 36700160         # octets of one mail; a referral with photographs
# trusted_sealers = []       # domains whose ARC seal is believed of mail that they pass on; none unless written

[lmtp]                       # where a mail server before us (Postfix) hands mail over; nowhere unless written
# path = "/var/spool/postfix/exchange/lmtp"  # a Unix socket, for this user and the group of its folder
# port = 2424                # or a port, of this host:
# host = "127.0.0.1"

[imap]                       # a shared mailbox that mail is fetched from, and never deleted; none unless written
# host = "outlook.office365.com"
# port = 993
# tls = "implicit"           # or "starttls"; "loopback": none, to a server on this very machine
# ca_file = "imap-ca.pem"    # who vouches for its certificate; the system's unless written
# username = "referrals@hub.example"
# password_file = "imap-password"
# token_file = "imap-token"  # instead: an OAuth 2 access token, kept fresh by a program of yours
# folder = "INBOX"
# move_to = "Taken"          # a folder for what was taken; made if it is not there
# keyword = "$Taken"         # otherwise what was taken is marked so
# every = 15.0               # seconds between looks

[relay]                      # who takes our mail out
host = "127.0.0.1"
port = 25
# required: verified TLS, or nothing goes. sealed-may-pass: what is encrypted, and notices that say nothing, go
# without it too. loopback: no TLS, to a relay on this very machine (127.0.0.1) that itself speaks TLS to the world.
tls = "required"
# ca_file = "relay-ca.pem"   # who vouches for the relay's certificate; the system's unless written
# username = "exchange"      # said over verified TLS, or on loopback, only
# password_file = "relay-password"

[dkim]                       # the signature on our mail; `exchange dkim make` makes key and record
# selector = "s202611"       # not signed here unless written
# key_file = "dkim.pem"

[tls]                        # servers of mail domains that get mail over verified TLS, straight from here
# port = 25
# https_port = 443           # of their MTA-STS policies
# ca_file = "their-ca.pem"   # who vouches for their certificates; the system's unless written
# networks = ["10.0.0.0/8"]  # that may be connected to besides public addresses; none unless written

[pickup]                     # one-time codes for letters that wait on the pick-up page
# mail: to code_to of the hub file where it is a mail address. http: to code_to where it is a telephone number, by
# POST to a gateway for short messages. console: on this terminal, for trying out. Empty: none, and nothing waits.
# sender = "http"
# url = "https://gateway.example/send"
# body = '{{"to": "{{to}}", "text": "{{text}}"}}'
# content_type = "application/json"  # or "application/x-www-form-urlencoded"
# token_file = "gateway-token"  # said as Authorization: Bearer

[work]                       # how the workers behave; change it only with a reason
# batch = 10                 # mails or letters taken at once
# lease = 180.0              # seconds until another worker takes over from one that vanished
# poll = 1.0                 # seconds between looks when nothing rings
# answers = 20               # automatic answers (receipts) to one address in a day; then a person is asked to write
# retry_scale = 1.0          # of the pauses between attempts to send

[keys]                       # how agencies' certificates change
# hold = 86400.0             # seconds before a certificate that replaces another, or another address, is used

[sign_in]                    # how staff sign in at the desk; passwords are for those without a passkey or provider
# passkeys = true
# passwords = true
# second = "required"        # besides a password: an app's code or a passkey; or "optional"
# idle = 900.0               # seconds of quiet until somebody signs in again
# longest = 28800.0          # seconds until they do so whatever they did
# prove_again = 600.0        # seconds for which a fresh proof lets them release, export or destroy

[provider]                   # the identity provider of the council, by OpenID Connect; none unless written
# issuer = "https://login.council.example"
# client_id = "exchange"     # as it knows us; it sends people back to /desk/sign-in/back
# client_secret_file = "provider-secret"
# name = "Fakeshire Council"  # as the page says it: "Sign in with Fakeshire Council"
# ca_file = "provider-ca.pem"  # who vouches for its certificate; the system's unless written

[clamd]                      # the malware scanner; without it files of strangers are opened unchecked
# socket = "/run/clamav/clamd.ctl"

[disk]                       # of the machine that holds a SQLite database
# least_free = 1073741824    # octets; with less left mail is put off, and its senders try again by themselves
# warn_below = 5368709120    # octets; with less left desk, log and `exchange doctor` say so

[audit]                      # who holds us to our record
# heads_to = "auditor@board.example"  # outside of this installation; nobody unless written
# heads_every = 86400.0      # seconds
"""


async def apply_hub_file(
    exchange: app.Opened, name: str, text: str, *, dry_run: bool = False, over_pages: bool = False
) -> tuple[str, ...]:
    """Put the hub file in force; what changes. Raises SetUpRefused naming line, key, value and remedy, or, unless
    `over_pages`, what it would take back that was changed on pages."""
    hub = exchange.hub
    files = HubFiles(hub, timedelta(seconds=exchange.settings.keys.hold))
    try:
        async with hub.database.reading(hub.scope(OPERATOR)) as tx:
            base, _ = await files.kept(tx)
            lost = () if over_pages else await files.taken_back(tx, text)
            if dry_run:
                told = _told(await files.weigh(tx, text))
                return (*told, *_taken_back(name, lost)) if lost else told
        if lost:
            raise SetUpRefused("\n".join(_taken_back(name, lost)))
        return _told(await files.apply(text, OPERATOR, base))
    except HubError as refused:
        raise SetUpRefused(f"{name}:\n{refused}") from None


def _told(weighed: Weighed) -> tuple[str, ...]:
    """What changes, and what that takes from the ways to a mailbox."""
    return (*weighed.told, *(f"! {line}" for line in weighed.lost))


def _taken_back(name: str, lost: tuple[str, ...]) -> tuple[str, ...]:
    """What a file would take back, and what to do."""
    return (
        f"{name} would take back what was changed on pages since you last applied a file:",
        *(f"  {line}" for line in lost),
        "Write it into your file (`exchange hub show` prints the one in force), or take it back with --over-pages",
    )


async def hub_file_in_force(exchange: app.Opened) -> str:
    """Its text. Raises SetUpRefused when nobody kept it."""
    hub = exchange.hub
    async with hub.database.reading(hub.scope("operator")) as tx:
        _, text = await HubFiles(hub, timedelta(seconds=exchange.settings.keys.hold)).kept(tx)
    if not text:
        raise SetUpRefused("no text of the hub file was kept: apply it once more with `exchange hub apply FILE.toml`")
    return text


async def add_token(exchange: app.Opened, label: str, names: tuple[str, ...], member: str = "") -> str:
    """A bearer token; only its digest is kept. With `member` it acts in that member's name, and only so may it do
    what a named person must. Raises SetUpRefused."""
    wanted = _roles(names)
    token = secrets.token_urlsafe(TOKEN_BYTES)
    hub = exchange.hub
    async with hub.database.transaction(hub.scope("operator")) as tx:
        if member and await staff.find(tx, member) is None:
            raise SetUpRefused(f"nobody is a member of staff as “{member}”: first `exchange staff add {member}`")
        kept = naming.scopes(wanted, member)
        await staff.put_token(tx, digest(hub.safe.derive("tokens"), token), label, kept, hub.clock.now())
        await _noted(hub, tx, "TokenAdded", token=label, roles=",".join(wanted), staff=member)
    return token


async def _noted(hub: Hub, tx: Transaction, kind: str, **facts: str) -> None:
    await journal.note(tx, journal.DIRECTORY, kind, hub.clock.now(), hub.chance.id(), **facts)


def _roles(names: tuple[str, ...], where: str = "") -> tuple[str, ...]:
    stripped = tuple(n.strip() for n in names)
    try:
        read_roles(stripped)
    except ValueError as unknown:
        raise SetUpRefused(f"{where}{unknown}") from None
    return stripped
