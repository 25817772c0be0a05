"""The commands about staff: who may sign in to the desk, with which roles, from which day to which."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from cyclopts import App

from exchange import app
from exchange.cli_running import Config, Json, opened, show_rows
from exchange.desk.given import Unfit
from exchange.policy import Role
from exchange.policy import roles as read_roles
from exchange.setting_up import SetUpRefused
from exchange.staffing import operators
from exchange.store import staff as store

cli = App(name="staff", help="Who may sign in to the desk.")


@cli.command(name="add")
def add(
    member: str, *, roles: str, password_file: Path | None = None, since: str = "", until: str = "", oidc: str = "",
    config: Config = None,
) -> None:  # fmt: skip
    """Let a member of staff sign in. Without --password-file a password is made and printed once.

    Somebody who was here before holds these roles instead, and signs in with the new password alone: passkeys and
    codes they had count no more.

    Parameters
    ----------
    member
        a new id for them, like duty-1
    roles
        one or more, with commas between them
    password_file
        a file that holds their password and nothing else
    since
        the first day, like 2026-12-21; today when not given
    until
        the last day; no end when not given
    oidc
        who they are at the identity provider in the settings: its id for them, or their mail address there, which
        counts for their first sign-in; then no password is made
    """
    wanted, password = _roles(roles.split(",")), _password(password_file)

    async def act(exchange: app.Opened) -> str:
        begins, ends = await _days(exchange, since, until)
        if oidc and not exchange.settings.provider.issuer:
            raise SetUpRefused("--oidc: the settings name no identity provider: write [provider] issuer first")
        staffing = operators(exchange.hub)
        before, made = await staffing.add(
            member, wanted, password=password, since=begins, until=ends, with_password=not oidc
        )
        if oidc:
            await staffing.known_as(member, exchange.settings.provider.issuer, oidc)
        told = f"{member} was there before: roles and password are new" if before else f"{member} may sign in"
        return told + (f"; the password is {made} (shown this once)" if made else "")

    print(opened(config, act))


@cli.command(name="list")
def list_(*, config: Config = None, json: Json = False) -> None:
    """Everybody with the hub: each role, from when to when."""

    async def act(exchange: app.Opened) -> list[dict[str, Any]]:
        now = exchange.hub.clock.now()
        return [_row(one, of, now) for one in await operators(exchange.hub).listed() for of in one.access]

    show_rows(opened(config, act), json, "{staff}  {role}  {since} to {until}  {now}")


@cli.command(name="change")
def change(member: str, role: str, *, since: str = "", until: str = "", config: Config = None) -> None:
    """Let somebody hold a role, from which day to which, instead of what was said of that role before.

    Parameters
    ----------
    member
        their staff id
    role
        the role
    since
        the first day; today when not given
    until
        the last day; no end when not given
    """
    (wanted,) = _roles([role])

    async def act(exchange: app.Opened) -> None:
        begins, ends = await _days(exchange, since, until)
        await operators(exchange.hub).give(member, wanted, begins, ends)

    opened(config, act)
    print(f"{member}: {wanted.value}" + (f" from {since}" if since else "") + (f" until {until}" if until else ""))


@cli.command(name="end")
def end(member: str, *, role: str = "", config: Config = None) -> None:
    """Somebody leaves the hub, now; with --role they only hold that role no more.

    Parameters
    ----------
    member
        their staff id
    role
        only this role
    """
    wanted = _roles([role]) if role else ()

    async def act(exchange: app.Opened) -> None:
        for one in wanted:
            await operators(exchange.hub).take(member, one)
        if not wanted:
            await operators(exchange.hub).end(member)

    opened(config, act)
    print(f"{member}: " + (f"no more {role}" if role else "has left, and is signed out everywhere"))


@cli.command(name="anew")
def anew(member: str, *, password_file: Path | None = None, config: Config = None) -> None:
    """Let somebody in who lost what they sign in with: a new password, made and printed once unless there is
    --password-file. Their passkeys and codes count no more.

    Parameters
    ----------
    member
        their staff id
    password_file
        a file that holds their new password and nothing else
    """
    password = _password(password_file)

    async def act(exchange: app.Opened) -> str:
        return await operators(exchange.hub).anew(member, password)

    made = opened(config, act)
    print(f"{member} is let in anew" + (f"; the password is {made} (shown this once)" if made else ""))


@cli.command(name="sign-out")
def sign_out(member: str, *, config: Config = None) -> None:
    """Sign somebody out in every browser, at once.

    Parameters
    ----------
    member
        their staff id
    """

    async def act(exchange: app.Opened) -> int:
        return await operators(exchange.hub).sign_out(member)

    print(f"{member}: signed out of {opened(config, act)} browsers")


def _row(member: store.Member, of: store.Access, now: datetime) -> dict[str, Any]:
    ahead = "to come" if of.since > now else "over"
    return {
        "staff": member.id, "role": of.role, "since": f"{of.since:%Y-%m-%d %H:%M}",
        "until": f"{of.until:%Y-%m-%d %H:%M}" if of.until else "no end",
        "now": "in force" if of.at(now) else ahead,
    }  # fmt: skip


def _roles(names: list[str]) -> tuple[Role, ...]:
    stripped = tuple(name.strip() for name in names)
    try:
        read_roles(stripped)
    except ValueError as unknown:
        raise SetUpRefused(str(unknown)) from None
    return tuple(dict.fromkeys(Role(name) for name in stripped))


def _password(file: Path | None) -> str:
    if file is None:
        return ""
    password = file.read_text().strip()
    if not password:
        raise SetUpRefused(f"{file} is empty: write a password into it, or leave it out to have one made")
    return password


async def _days(exchange: app.Opened, since: str, until: str) -> tuple[datetime | None, datetime | None]:
    """From the beginning of the one day to the end of the other, where the hub is."""
    if not since and not until:
        return None, None
    _, rules = await exchange.hub.rules()

    def midnight(name: str, text: str, later: timedelta = timedelta()) -> datetime | None:
        try:
            day = date.fromisoformat(text) + later if text else None
        except ValueError:
            raise Unfit(name, f"--{name} {text}: write a day like 2026-12-21") from None
        return datetime.combine(day, time(), rules.calendar.zone) if day else None

    return midnight("since", since), midnight("until", until, timedelta(days=1))
