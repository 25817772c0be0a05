"""The commands about agencies' certificates: bringing one, having it proved, and what stands of each."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

from cyclopts import App, Parameter

from exchange import app
from exchange.cli_case import As, viewer_of
from exchange.cli_drills import drill_cli
from exchange.cli_running import Config, Json, opened, show_rows
from exchange.enrolling import Brought, Enrolling, Heard, NotEnrolled
from exchange.key_states import generation, key_states
from exchange.naming import proved
from exchange.ours import grouped
from exchange.policy import Viewer

cli = App(name="key", help="The agencies' certificates: bringing, proving, retiring.")
cli.command(drill_cli)  # `exchange drill` by the name under which whoever keeps the keys looks for it
ENDINGS = (".asc", ".pgp", ".gpg", ".pem", ".crt", ".cer", ".der")  # of files that hold a certificate
ReadBack = Annotated[tuple[str, ...], Parameter(name="--read-back", consume_multiple=False)]


@cli.command
def add(
    file: Path, *, mailbox: str = "", agency: str = "", fingerprint: str = "", other_user_id: bool = False,
    as_: As = "", config: Config = None,
) -> None:  # fmt: skip
    """Bring an OpenPGP or S/MIME certificate. It is used only after two people have proved it with `key confirm`.

    FILE may be a folder: each certificate in it is then for the agency or mailbox that its name says, police.asc.

    Parameters
    ----------
    file
        a certificate, or a folder of them
    mailbox
        whose people alone can open what is sealed to it, by the id in the hub file
    agency
        instead of a mailbox: people of all mailboxes of this agency can
    fingerprint
        refuse the file when it holds another one
    other_user_id
        take it although it does not name the address of the mailbox
    """
    files = list(_files(file, mailbox, agency))
    folder = file.is_dir()
    of_mailbox = None if folder else bool(mailbox)

    async def act(exchange: app.Opened) -> list[Brought]:
        by, who = _enrolling(exchange), await viewer_of(exchange.hub, as_)
        brought = []
        for f, whose in files:
            try:
                brought.append(
                    await by.add(
                        f.read_bytes(),
                        whose,
                        fingerprint,
                        other_user_id=other_user_id,
                        of_mailbox=of_mailbox,
                        actor=who if as_ else who.id,
                    )
                )
            except NotEnrolled as refused:
                done = f" ({len(brought)} before it were taken)" if brought else ""
                raise NotEnrolled(f"{f.name}: {refused}{done}" if folder else str(refused)) from None
        return brought

    for line in (line for one in opened(config, act) for line in _brought(one)):
        print(line)


def _files(file: Path, mailbox: str, agency: str) -> Iterator[tuple[Path, str]]:
    """Each file, and for whom it is."""
    if mailbox and agency:
        raise NotEnrolled("a certificate is for one --mailbox, or for all of an --agency: name one of the two")
    if not file.is_dir():
        if not (mailbox or agency):
            raise NotEnrolled("whose certificate is it? Name --mailbox ID, or --agency ID for all of its mailboxes")
        yield file, mailbox or agency
        return
    if mailbox or agency:
        raise NotEnrolled(
            "in a folder each file is named for its agency or mailbox: leave --mailbox and --agency out"
        )
    found = sorted(f for f in file.iterdir() if f.suffix.lower() in ENDINGS)
    if not found:
        raise NotEnrolled(f"{file} holds no certificate: its files end in {', '.join(ENDINGS)}")
    yield from ((f, f.stem) for f in found)


def _brought(one: Brought) -> Iterator[str]:
    ends = f"until {one.until:%Y-%m-%d}" if one.until else "without an end"
    if one.weakly_signed:
        yield f"{one.owner}: WEAK: signed by SHA-1, which can be forged. Ask for a renewed one (a new end will do)"
    if one.renewed:
        yield f"{one.owner}: the same key, good {ends}: nothing else to do"
    else:
        yield f"{one.owner}: waits for its proof; good {ends}. Its fingerprint:"
        yield from (f"    {line}" for line in grouped(one.fingerprint))
        yield "  next: ring them on a number you had before, have them read theirs out, and write down what you hear:"
        yield f'  exchange key confirm {one.fingerprint} --as STAFF --read-back "..."'
    if one.signs_only:
        yield "  it only signs: what it signs is believed. Bring the one that they are written to as well"
    if one.retired_at:
        yield f"  it was retired here on {one.retired_at:%Y-%m-%d}: do you know why? It comes back as a change does"
    if one.soon:
        yield "  it ends soon: ask for one that is good for a year or two"


@cli.command
def confirm(
    *fingerprints: str, as_: As, read_back: ReadBack = (), letter_code: str = "", password_file: Path | None = None,
    config: Config = None,
) -> None:  # fmt: skip
    """Say that the holder read this fingerprint out to you by telephone. Two members of staff do so, each for
    themselves; or one, and one who is told the code of a letter (`key letter`).

    Parameters
    ----------
    fingerprints
        whole fingerprints, as `exchange key list` has them
    read_back
        what you heard, all of it; with several certificates once for each, in the same order
    letter_code
        what the agency told you from our letter
    password_file
        holds your password for the desk; asked for when not given
    """
    if not fingerprints:
        raise NotEnrolled("name the fingerprint of a certificate that waits: see `exchange key list`")
    if letter_code and len(fingerprints) > 1:
        raise NotEnrolled("a code is of one letter: confirm one certificate at a time")
    if read_back and len(read_back) != len(fingerprints):
        raise NotEnrolled("write --read-back once for each certificate: what you heard of it")
    said = list(zip(fingerprints, read_back or ("",) * len(fingerprints), strict=True))
    password = _password(as_, password_file)

    async def act(exchange: app.Opened) -> list[Heard]:
        viewer, by = await _member(exchange, as_, password), _enrolling(exchange)
        return [await by.confirm(viewer, fingerprint, heard, letter_code) for fingerprint, heard in said]

    for one in opened(config, act):
        print(_heard(one))


def _heard(one: Heard) -> str:
    if one.live_at is None:
        return f"{one.owner}: {one.fingerprint} noted; {one.missing}"
    apart = f". {one.apart}" if one.apart else ""
    if not one.held:
        return f"{one.owner}: {one.fingerprint} is proved and in use{apart}"
    return (
        f"{one.owner}: {one.fingerprint} is proved, and in use from {one.live_at:%Y-%m-%d %H:%M} UTC. The old key's "
        f"holder is told; ring whom you knew there before. `exchange key retire` stops it{apart}"
    )


@cli.command
def letter(fingerprint: str, *, as_: As, password_file: Path | None = None, config: Config = None) -> None:
    """Print a letter for the post: the fingerprint to compare, and a code to tell us. Who makes it cannot confirm
    with its code.

    Parameters
    ----------
    fingerprint
        the whole fingerprint of a certificate, as `exchange key list` has it
    password_file
        holds your password for the desk; asked for when not given
    """
    password = _password(as_, password_file)

    async def act(exchange: app.Opened) -> str:
        return await _enrolling(exchange).letter(await _member(exchange, as_, password), fingerprint)

    print(opened(config, act), end="")


@cli.command(name="list")
def list_(*, all_: Annotated[bool, Parameter(name="--all", negative="")] = False, config: Config = None,
          json: Json = False) -> None:  # fmt: skip
    """Every certificate: whose it is, how long it is good, and what is missing before it is used.

    Parameters
    ----------
    all_
        those that are retired too
    """

    async def act(exchange: app.Opened) -> list[dict[str, Any]]:
        return await key_states(exchange.hub, exchange.keyroom, retired=all_)

    found = opened(config, act)
    for row in found if not json else ():
        row["use"] += f"; {row['note']}" if row["note"] else ""
        row["profile"] = generation(row)
        row["ends"] = "without an end" if row["until"] == "-" else f"until {row['until']}"
    show_rows(found, json, "{owner}  {fingerprint}  {health}  {profile}  {ends}  {use}")


@cli.command
def retire(fingerprint: str, *, as_: As, config: Config = None) -> None:
    """Use a certificate no more: lost, stolen or replaced. Nothing is sealed to it, nothing it signs is believed.

    Parameters
    ----------
    fingerprint
        the whole fingerprint of a certificate, as `exchange key list` has it
    """

    async def act(exchange: app.Opened) -> str:
        by = await viewer_of(exchange.hub, as_)
        return await _enrolling(exchange).retire(fingerprint, by)

    print(f"retired {opened(config, act)}")


def _enrolling(exchange: app.Opened) -> Enrolling:
    return Enrolling(exchange.hub, exchange.keyroom, timedelta(seconds=exchange.settings.keys.hold))


async def _member(exchange: app.Opened, member: str, password: str) -> Viewer:
    async with exchange.hub.database.reading(exchange.hub.scope("operator")) as tx:
        return await proved(tx, member, password, exchange.hub.clock.now())


def _password(member: str, file: Path | None) -> str:
    """Nobody confirms in somebody else's name (T11)."""
    if file:
        return file.read_text().strip()
    if not sys.stdin.isatty():
        raise NotEnrolled(f"{member} must show that it is them: --password-file FILE, or type it on a terminal")
    return getpass.getpass(f"password of {member} for the desk: ")
