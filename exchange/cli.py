"""The commands: what an operator types. Each error says what, why, and what to do."""

from __future__ import annotations

import io
import json
import os
import sys
from pathlib import Path
from typing import Annotated, Any

from cyclopts import App, Parameter

from exchange import (
    app,
    calendars,
    cli_audit,
    cli_case,
    cli_dkim,
    cli_doctor,
    cli_domain,
    cli_drills,
    cli_forms,
    cli_hub_key,
    cli_imap,
    cli_keys,
    cli_mailboxes,
    cli_people,
    cli_receipt,
    cli_retention,
    cli_route,
    cli_silence,
    cli_smime,
    cli_staff,
    logs,
    own_smime,
    setting_up,
)
from exchange.case.step import CannotHappen
from exchange.cli_running import Config, Json, dumps, opened, run, show_changes, show_rows, warn
from exchange.config import ConfigRefused
from exchange.config import read as settings_of
from exchange.desk.given import Unfit
from exchange.enrolling import NotEnrolled
from exchange.hub_keys import HubKeyRefused
from exchange.hubs.refusal import HubError
from exchange.naming import NobodyNamed
from exchange.policy import Forbidden
from exchange.schemas import json_schema, text_template
from exchange.store.casebook import NoSuchCase
from exchange.store.database import DatabaseAway, DatabaseRefused, UnsafeDatabase
from exchange.store.migrations import OtherSchema
from exchange.store.profiles import NoProfile
from keys.refusal import Refused

# In a help page: no “--no-once” beside “--once”, and no default that says nothing.
PLAIN = Parameter(negative="", show_default=lambda value: str(value) if value else None)
cli = App(name="exchange", help="The Referral Exchange.", version_flags=["--version"], default_parameter=PLAIN)
hub_cli = App(name="hub", help="The hub's profile: agencies, mailboxes, rules.")
token_cli = App(name="token", help="Tokens for programs.")
mail_cli = App(name="mail", help="Mail as the exchange sees it.")
calendar_cli = App(name="calendar", help="Bank holidays: which are known, and until when.")
schema_cli = App(name="schema", help="The shape of what we take.")
for sub in (hub_cli, token_cli, mail_cli, calendar_cli, schema_cli):
    cli.command(sub)
cli.command(cli_audit.cli)
cli.update(cli_case.cli)
cli.update(cli_silence.cli)
cli.update(cli_people.cli)
cli.update(cli_route.cli)
cli.command(cli_keys.cli)
cli.command(cli_mailboxes.cli)
cli.command(cli_hub_key.cli)
cli.update(cli_drills.cli)
cli.update(cli_doctor.cli)
cli.command(cli_retention.cli)
cli.command(cli_dkim.cli)
cli.command(cli_domain.cli)
cli.command(cli_imap.cli)
cli.command(cli_smime.cli)
cli.command(cli_staff.cli)
cli.command(cli_forms.cli)
cli.command(cli_receipt.cli)

# What a person can mend: told in one line, without a traceback.
MENDABLE = (
    ConfigRefused,
    setting_up.SetUpRefused,
    HubError,
    HubKeyRefused,
    CannotHappen,
    NobodyNamed,
    NotEnrolled,
    DatabaseAway,
    DatabaseRefused,
    UnsafeDatabase,
    NoSuchCase,
    NoProfile,
    OtherSchema,
    Refused,
    Unfit,
)


@cli.command
def init(
    directory: Path,
    *,
    hub_address: str,
    base_url: str,
    database: str = "",
    keystore: str = "",
    hub: str = "hub",
    name: str = "the hub",
) -> None:
    """Make DIR with settings, database, key store, keyring, and the hub's OpenPGP and S/MIME keys.

    Parameters
    ----------
    directory
        the folder to make it in, without an exchange in it yet
    hub_address
        the address referrals are mailed to, for example referrals@hub.example
    base_url
        where people reach the pages, for example https://referrals.hub.example
    database
        SQLAlchemy URL; SQLite in DIR when not given
    keystore
        SQLAlchemy URL of a database of its own; SQLite in DIR when not given, which serves one machine only
    hub
        a short id of the hub, the one that its hub file has too
    name
        the name of the hub, as letters and pages say it
    """
    made = setting_up.init(directory, hub_address, base_url, database, hub, name, keystore)

    async def tables(exchange: app.Opened) -> None:
        """Opening makes them."""

    opened(made.settings_file, tables)
    print(f"made {made.settings_file}")
    print(f"hub public key: {made.public_key_file}")
    print(f"fingerprint: {made.fingerprint}")
    print(f"to revoke it one day: {made.revocation_file}")
    print(f"hub certificate (S/MIME): {made.certificate_file}")
    if database.startswith("postgresql") and not keystore:
        print("the key store is a file on this machine: several machines need --keystore postgresql+asyncpg://...")
    print(f"next: exchange hub apply FILE.toml --config {made.settings_file}")


@cli.command
def serve(*, roles: str = ",".join(app.ROLES), config: Config = None) -> None:
    """Run listener, web and workers until stopped; --roles splits them: web,mail,work.

    Parameters
    ----------
    roles
        what this process does, with commas between them
    """
    from exchange import serving  # it loads mail, web and all: a command should not

    wanted = tuple(r.strip() for r in roles.split(","))
    unknown = [r for r in wanted if r not in app.ROLES]
    if unknown:
        raise setting_up.SetUpRefused(f"no role “{unknown[0]}”: use {', '.join(app.ROLES)}")
    found = settings_of(config)
    logs.start()
    run(serving.serve(found, wanted, ready=lambda line: print(line, flush=True)))


@cli.command
def migrate(*, config: Config = None) -> None:
    """Bring the databases of an older release to this one's tables. Stop the exchange and back up first."""
    logs.quiet()
    print("\n".join(run(app.migrate(settings_of(config)))))


@cli.command
def demo(*, once: bool = False) -> None:
    """Play the main job with fictitious agencies on this machine, then keep serving; --once ends by itself.

    Parameters
    ----------
    once
        end when the main job is done
    """
    from exchange.demo.running import demo as play  # it brings its own mail server, name server and people

    sys.exit(run(play(once)))


@cli.command(name="map")
def map_(*, acts: bool = False) -> None:
    """The state diagrams of the core, drawn from its tables: docs/states.md is this text. --acts is docs/acts.md.

    Parameters
    ----------
    acts
        every act of the desk with its values, instead of the diagrams
    """
    from exchange.acts_listed import page
    from exchange.mapping import states

    print(page() if acts else states(), end="")


@hub_cli.command(name="apply")
def hub_apply(file: Path, *, config: Config = None, dry_run: bool = False, over_pages: bool = False) -> None:
    """Put a hub file in force: prints what changes. The same file again changes nothing. What was changed on pages
    since the last file is not taken back, unless --over-pages.

    Parameters
    ----------
    file
        the hub file: exchange/hubs/example.toml is one
    dry_run
        print what would change, and change nothing
    over_pages
        take back what was changed on pages since the last file
    """

    try:
        text = file.read_text(encoding="utf-8")
    except UnicodeDecodeError as wrong:
        raise setting_up.SetUpRefused(f"{file} is not UTF-8 (octet {wrong.start}): save it as UTF-8") from None

    async def act(exchange: app.Opened) -> tuple[str, ...]:
        return await setting_up.apply_hub_file(exchange, str(file), text, dry_run=dry_run, over_pages=over_pages)

    show_changes(opened(config, act))
    warn(config)


@hub_cli.command(name="show")
def hub_show(*, config: Config = None) -> None:
    """The hub file in force, as it was written: what pages have changed is in it too."""

    async def act(exchange: app.Opened) -> str:
        return await setting_up.hub_file_in_force(exchange)

    print(opened(config, act), end="")


@calendar_cli.command(name="list")
def calendar_list(*, config: Config = None, json: Json = False) -> None:
    """Each calendar: how far it is known, and whether this hub goes by it."""
    rows = opened(config, calendars.listed)
    show_rows(rows, json, "{calendar}  {title}, {days} days until {until}")
    if not json:
        warn(config)


@calendar_cli.command(name="show")
def calendar_show(calendar: str, *, config: Config = None, json: Json = False) -> None:
    """The bank holidays of one calendar (england-and-wales, scotland, northern-ireland).

    Parameters
    ----------
    calendar
        its name
    """

    async def act(exchange: app.Opened) -> dict[str, str]:
        return await calendars.days(exchange, calendar)

    days = opened(config, act)
    print(dumps(days) if json else "\n".join(f"{day}  {called}" for day, called in days.items()))


@calendar_cli.command(name="update")
def calendar_update(file: Path, *, config: Config = None) -> None:
    """Take a newer list of bank holidays: FILE is bank-holidays.json as gov.uk publishes it. Prints what changes.

    Parameters
    ----------
    file
        what gov.uk publishes as bank-holidays.json
    """

    content = file.read_bytes()

    async def act(exchange: app.Opened) -> tuple[str, ...]:
        return await calendars.update(exchange, content)

    show_changes(opened(config, act))
    warn(config)


@token_cli.command(name="add")
def token_add(label: str, *, roles: str, staff: str = "", config: Config = None) -> None:
    """Make a bearer token for a program; it is printed once.

    Parameters
    ----------
    label
        a name for the program, by which the record names it
    roles
        what it may do: roles, with commas between them
    staff
        the member in whose name it acts: without one it decides nothing
    """

    async def act(exchange: app.Opened) -> str:
        return await setting_up.add_token(exchange, label, tuple(roles.split(",")), staff)

    print(opened(config, act))


@schema_cli.command(name="referral")
def schema_referral(*, text: bool = False) -> None:
    """The JSON Schema of referral.json, or with --text the template people fill in in a mail.

    Parameters
    ----------
    text
        the text template instead
    """
    print(text_template() if text else json.dumps(json_schema(), indent=2, ensure_ascii=False))


@schema_cli.command(name="api")
def schema_api() -> None:
    """The JSON API as an OpenAPI 3.1 document, with examples."""
    from exchange import api_described

    print(json.dumps(api_described.document(), indent=2, ensure_ascii=False))


@schema_cli.command(name="explain")
def schema_explain() -> None:
    """The JSON Schema of a line of `exchange mail explain --json`."""
    from exchange import explaining

    print(json.dumps(explaining.schema(), indent=2))


@mail_cli.command(name="explain")
def mail_explain(
    *files: Annotated[Path, Parameter(help="files that hold a mail each; - for standard input")],
    json: Json = False,
    gnupghome: Annotated[
        Path | None, Parameter(help="a gpg home whose keys may open what is sealed and verify what is signed")
    ] = None,
    smime: Annotated[
        Path | None,
        Parameter(
            help="a folder of S/MIME files for the same: keys without a password, and certificates; or the hub's own "
            "folder, whose keys the settings beside it open, or those of --config"
        ),
    ] = None,
    dns: Annotated[
        str, Parameter(help="the name server for DKIM, SPF and DMARC as host:port; the system's when not given")
    ] = "",
    config: Config = None,
) -> None:
    """Tell what the exchange takes each mail for, and why. Stores nothing, and needs no installation."""
    from exchange import explaining  # it loads all of mail: no other command should

    logs.quiet()
    if not files:
        raise setting_up.SetUpRefused("name at least one file that holds a mail")

    own = own_smime.passphrase_of(smime, config) if smime else ""

    async def act() -> bool:
        whole = True
        async with explaining.explainer(gnupghome, dns, smime, own) as here:
            async for file, told in here.explain_files(files):
                whole = _told(file, told, json) and whole
        return whole

    sys.exit(0 if run(act()) else 2)


def _told(file: Path, told: dict[str, Any] | OSError, as_json: bool) -> bool:
    from exchange.explaining import as_text

    if isinstance(told, OSError):
        print(f"exchange: {file}: {told.strerror}: check it", file=sys.stderr)
        return False
    line = json.dumps({"file": str(file), **told}, ensure_ascii=False)
    print(line if as_json else as_text(str(file), told), flush=True)
    return True


def _write_whole() -> None:
    """Where Python is told not to buffer (PYTHONUNBUFFERED, as in most containers), what a pipe does not take at once
    would be lost without a word: after uvloop has run, a slow reader got the first 64 KiB."""
    raw = getattr(sys.stdout, "buffer", None)
    if isinstance(raw, io.RawIOBase):
        whole = io.BufferedWriter(raw)
        sys.stdout = io.TextIOWrapper(whole, sys.stdout.encoding, sys.stdout.errors, line_buffering=True)


def main() -> None:
    """Run one command."""
    os.umask(0o077)  # databases, keys, sockets: whatever we make is for this user alone
    _write_whole()
    try:
        cli(["/dev/stdin" if word == "-" else word for word in sys.argv[1:]])
    except BrokenPipeError:  # `exchange ... | head` has read enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except Forbidden as wrong:  # a PermissionError of ours, and no file's
        print(f"exchange: {wrong}", file=sys.stderr)
        sys.exit(2)
    except (FileNotFoundError, IsADirectoryError, PermissionError) as wrong:
        print(f"exchange: {wrong.filename or wrong}: {wrong.strerror or 'not allowed'}: check it", file=sys.stderr)
        sys.exit(2)
    except MENDABLE as told:
        print(f"exchange: {told}", file=sys.stderr)
        sys.exit(2)
