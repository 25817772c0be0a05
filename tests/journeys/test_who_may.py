"""Who may: every route times every role. Forbidden looks like absent, and a route without a row here fails.

The rows are in rights.py, apart from policy.py: the two are held to each other through the front door.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass

import httpx
import pikepdf
import pytest
import pytest_asyncio
from fastapi import APIRouter
from fastapi.routing import APIRoute

from exchange.app import opened
from exchange.config import read as read_settings
from exchange.demo.actors.mail_client import MailClient
from exchange.demo.stage import HUB_ADDRESS, CommandFailed, Stage, stage
from exchange.desk.acts import ACTS
from exchange.policy import Role
from exchange.setting_up import add_token
from exchange.staffing import operators
from exchange.web import server
from tests.journeys.rights import AT_THE_DESK, BY_PROGRAM, DOING, FOR_ALL, MANAGERS, OF_A_PROGRAM, OF_ONESELF, ROLES
from tests.mailflow.paper import octets
from tests.ready import ready

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(300)]  # every route times every role
PASSWORD = "a fictitious pass phrase"
# Everything that is served: what the server brings together, so that nobody can forget a part here.
PARTS = tuple(part for part in vars(server).values() if isinstance(getattr(part, "router", None), APIRouter))
# What each act needs to get as far as asking who asks.
GIVEN = {
    "subject": "s1", "rating": "amber", "reason": "because", "decision": "nfa", "words": "words", "agency": "police",
    "subjects": "s1", "leg": "l1", "answer": "received", "name": "Rita Ringer", "checked": "rang back",
    "starts": "2031-03-27T14:30", "agencies": "police", "discussion": "d1", "key": "none", "override": "yes",
    "product": "p1", "version": "v1", "passage": "p1/w1", "recipients": "police", "analysis": "words",
    "word": "agree", "necessary": "words", "proportionate": "words", "justified": "words", "purpose": "early_help",
    "what": "p1", "entry": "1", "question": "q1", "questions": "where_now",
    "outcome": "early_help", "draft": "f1", "why": "lado", "review": "2031-03-27", "route": "page", "challenge": "c9",
    "started": "2026-03-27T14:30", "ended": "2026-03-27T15:00", "mode": "video", "copy": "k1",
    "seat": "i1", "attendance": "accepted",
    "kind": "agency", "who": "education", "reached": "no",
    "concern.what_happened": "words", "s1.given_name": "Mina", "family_name": "Inventa",
}  # fmt: skip

ADVICE = {
    "form": "child", "source": "2A", "topic": "neglect", "level": "2", "advice": "early_help", "harm": "no",
}  # fmt: skip


@dataclass(frozen=True)
class Hub:
    """A served hub with something to see."""

    stage: Stage
    case: str
    mail: str
    fingerprint: str  # of a certificate in use
    certificate: str  # what stands for it in the address of its page
    change: str  # of the hub file, that somebody proposed
    attached: str  # a file that came with the case
    consultation: str  # reference of what was advised without names
    members: dict[str, httpx.AsyncClient]  # signed in, by role
    tokens: dict[str, httpx.AsyncClient]  # with a bearer token, by role

    def path(self, pattern: str, *, absent: bool = False) -> str:
        """The address of a row, about what is there or about what is not."""
        case, mail = ("MASH-0000-0000", "nowhere") if absent else (self.case, self.mail)
        return pattern.format(
            case=case, mail=mail, leave="v1", mailbox="police-1", fingerprint=self.fingerprint, part="mailbox",
            certificate=self.certificate,
            letter="receipt", member="chair", act="give", change=self.change, attached=self.attached,
            consultation=self.consultation,
        )  # fmt: skip

    def filled(self, pattern: str) -> str:
        """The address of a route as it is served: about what is there, where anything is."""
        known = {
            "case": self.case,
            "mail": self.mail,
            "fingerprint": self.fingerprint,
            "certificate": self.certificate,
            "act": "look",
            "slug": "who-1",
            "what": "mailbox",
        }
        return re.sub(r"\{(\w+)[^}]*\}", lambda found: known.get(found[1], "anything"), pattern)


async def signed_in(base_url: str, member: str) -> httpx.AsyncClient:
    web = httpx.AsyncClient(base_url=base_url, timeout=60)  # a machine may be busy with other tests
    form = await web.get("/desk/sign-in")
    await web.post("/desk/sign-in", data={"csrf": csrf(form.text), "member": member, "password": PASSWORD})
    return web


def csrf(page: str) -> str:
    found = re.search(r'name="csrf"[^>]*value="([^"]+)"', page)
    assert found
    return found[1]


def seen(response: httpx.Response) -> str:
    """What a person sees of a page: without what differs on every one."""
    return re.sub(r'(nonce|value)="[^"]*"', "", response.text)


async def accounts(made: Stage) -> dict[str, str]:
    """A member of staff and a program of each role; the programs' tokens. As the commands do it, but in this process:
    thirty commands would take minutes."""
    settings = read_settings(made.folder / "hub" / "exchange.toml")
    async with opened(settings) as exchange:
        for role in ROLES:
            await operators(exchange.hub).add(role, (Role(role),), password=PASSWORD)
        return {role: await add_token(exchange, role, (role,)) for role in ROLES}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hub() -> AsyncIterator[Hub]:
    """Staff and tokens of every role, a case, and a mail that belongs nowhere."""
    async with stage() as made:
        await ready(made)
        given = await accounts(made)
        await made.serve()
        api = f"{made.base_url}/api/v1"
        tokens = {
            role: httpx.AsyncClient(base_url=api, headers={"Authorization": f"Bearer {token}"})
            for role, token in given.items()
        }
        members = {role: await signed_in(made.base_url, role) for role in ROLES}
        case, mail = await something(made, members["hub_manager"], tokens["hub_manager"])
        gpg = made.people["police"].gpg
        assert gpg
        change = await proposed(members["hub_manager"])
        page = (await members["hub_manager"].get(f"/desk/case/{case}")).text
        file = re.findall(rf"/desk/attached/{case}/(\w+)", page)[0]
        fingerprint = gpg.fingerprint(made.people["police"].address)
        consultation = (await tokens["hub_manager"].post("/consultations", json=ADVICE)).json()["reference"]
        directory = (await members["hub_manager"].get("/desk/directory")).text
        certificate = re.findall(r"/desk/directory/key/(\w+)", directory)[0]
        yield Hub(made, case, mail, fingerprint, certificate, change, file, consultation, members, tokens)
        for client in (*members.values(), *tokens.values()):
            await client.aclose()


async def something(made: Stage, manager: httpx.AsyncClient, program: httpx.AsyncClient) -> tuple[str, str]:
    """(reference of a case, number of a mail with a file)."""
    referral = {"referrer": {"name": "Nora Notional", "source": "4", "telephone": "01632 960190"},
                "concern": {"immediate_danger": "no", "what_happened": "worry"},
                "subjects": [{"given_name": "Mina"}]}  # fmt: skip
    lodged = (await program.post("/referrals", json=referral)).json()
    reference = lodged["reference"]
    await with_file(made, lodged["receipt_code"])
    stranger = MailClient("neighbour@street.example")
    files = {"note.txt": b"a note", "locked.pdf": locked_pdf()}
    letter = stranger.plain(HUB_ADDRESS, "help", "They cry all night", files)
    await made.mail(stranger.address, HUB_ADDRESS, letter)
    for _ in range(200):
        page = (await manager.get("/desk")).text
        for found in re.findall(r"/desk/case/(MASH-[A-Z0-9-]+)", page):
            if mail := re.search(r"/desk/mail/([a-z0-9]+)", (await manager.get(f"/desk/case/{found}")).text):
                await unlocked(manager, mail[1])
                return reference, mail[1]
        await asyncio.sleep(0.05)
    raise AssertionError("the mail became no case")


async def proposed(manager: httpx.AsyncClient) -> str:
    """The id of a change of the hub file."""
    page = (await manager.get("/desk/admin/file")).text
    base, text = re.search(r'name="base" value="(\w+)"', page), (await manager.get("/desk/admin/file/hub.toml")).text
    assert base
    given = {"csrf": csrf(page), "base": base[1], "text": text.replace("01632 960100", "01632 960101")}
    return (await manager.post("/desk/admin/file", data=given)).headers["location"].rpartition("/")[2]


async def with_file(made: Stage, code: str) -> None:
    """The referrer adds a file."""
    async with httpx.AsyncClient(base_url=made.base_url) as web:
        given = {"code": code, "csrf": csrf((await web.get("/receipt")).text)}
        added = await web.post("/receipt/add", data=given, files={"files": ("page.pdf", octets(blank()))})
        assert added.status_code == 200


def blank() -> pikepdf.Pdf:
    """One blank page."""
    pdf = pikepdf.new()
    pdf.add_blank_page()
    return pdf


def locked_pdf() -> bytes:
    """One blank page, behind a password."""
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        return octets(pdf, encryption=pikepdf.Encryption(user="a password", owner="another"))


async def unlocked(manager: httpx.AsyncClient, mail: str) -> None:
    """The locked file of a mail is open from now on."""
    page = (await manager.get(f"/desk/mail/{mail}")).text
    found = re.search(r'name="file" value="(\w+)"', page)
    assert found
    given = {"csrf": csrf(page), "file": found[1], "which": "1", "password-1": "a password"}
    assert (await manager.post(f"/desk/mail/{mail}/unlock", data=given)).status_code == 303


def shape(path: str) -> str:
    """An address with an X wherever something is named: a case, a mail, a file, an act."""
    named = re.sub(r"\{[^}]+\}", "X", path.partition("?")[0])
    return re.sub(
        r"(/cases?/X|/mail/X|/keys/X)/(?!transcribe|compare|unlock)[a-z_]+$",
        r"\1/X",
        re.sub(r"/(files?|opened|pages)/\w+$", r"/\1/X", named),
    )


def acts(rows: Iterable[tuple[str, str]], under: str) -> set[str]:
    """The acts of a table below one address."""
    return {path.removeprefix(under) for _, path in rows if path.startswith(under)}


async def test_every_route_and_every_act_has_its_row() -> None:
    routes = [r for part in PARTS for r in part.router.routes if isinstance(r, APIRoute)]
    served = {
        (method, shape(r.path)) for r in routes for method in r.methods or () if r.path not in FOR_ALL | OF_ONESELF
    }
    rows = {(m, shape(p)) for m, p in AT_THE_DESK} | {(m, shape(f"/api/v1{p}")) for m, p in BY_PROGRAM}
    assert served == rows
    assert acts(AT_THE_DESK, "/desk/case/{case}/") == {
        *ACTS,
        "transcribe",
        "compare",
        "receipt_code",
        "ring",
        "minutes",
        "correct",
        "letter",
    }
    read = {
        "content",
        "ring",
        "letter",
        "receipt_code",
        "transcribe",
        *(f"files/{{attached}}{part}" for part in ("", "/pages", "/original")),
    }
    assert acts(BY_PROGRAM, "/cases/{case}/") == {*ACTS, *read}


async def asked(web: httpx.AsyncClient, method: str, path: str, data: dict[str, str] | None) -> httpx.Response:
    """What is answered; of what goes on for ever, that it begins."""
    async with web.stream(method, path, data=data) as got:
        if not got.headers.get("content-type", "").startswith("text/event-stream"):
            await got.aread()
        return got


# Those whose rights differ most at every change, the others with `make test-long`.
AT_ONCE = ("intake_admin", "hub_administrator", "auditor", "board_member")
EACH = [role if role in AT_ONCE else pytest.param(role, marks=pytest.mark.long) for role in ROLES]


@pytest.mark.parametrize("role", EACH)
async def test_at_the_desk_a_role_may_do_its_own_acts_and_the_others_are_not_there(hub: Hub, role: str) -> None:
    web, given = hub.members[role], {**GIVEN, "reference": hub.case}
    token = csrf((await web.get("/desk/sign-out")).text)
    missing = await web.get("/desk/case/MASH-0000-0000")
    for (method, pattern), allowed in AT_THE_DESK.items():
        data = {**given, "csrf": token, "once": f"{role}{pattern}"} if method == "POST" else None
        got = await asked(web, method, hub.path(pattern), data)
        if role in allowed:
            assert got.status_code in (200, 204, 303, 400), (method, pattern, got.status_code)
            if method == "POST":  # it may have changed what stands on every page, like the hub's telephone
                missing = await web.get("/desk/case/MASH-0000-0000")
        else:
            assert got.status_code == 404, (method, pattern, got.status_code)
            assert seen(got) == seen(missing)


@pytest.mark.parametrize("role", EACH)
async def test_a_program_may_do_what_its_roles_may(hub: Hub, role: str) -> None:
    program = hub.tokens[role]
    missing = await program.get(hub.path("/cases/{case}", absent=True))
    for (method, pattern), allowed in BY_PROGRAM.items():
        body = {**GIVEN, "subjects": [{"given_name": "Mina"}] if pattern == "/referrals" else ["s1"]}
        got = await program.request(method, hub.path(pattern), json=body if method == "POST" else None)
        if role in allowed:
            nothing_there = [404] if "{leave}" in pattern else []  # nobody is on leave here
            assert got.status_code in (200, 201, 400, 409, *nothing_there), (method, pattern, got.status_code)
        else:
            assert (got.status_code, got.content) == (404, missing.content), (method, pattern)


async def test_what_a_named_person_must_do_no_program_of_nobodys_does(hub: Hub) -> None:
    """Refused in words that name the remedy, whatever else is wrong with what was given; and so by command."""
    for act in ACTS:
        role = sorted(dict(DOING)[act] & MANAGERS or DOING[act])[0]
        body = {**GIVEN, "subjects": ["s1"]}
        got = await hub.tokens[role].post(hub.path(f"/cases/{{case}}/{act}"), json=body)
        needs_one = act not in OF_A_PROGRAM
        assert ("--staff ID" in got.text) is needs_one, (act, got.text)
        assert got.status_code == 409 if needs_one else got.status_code in (200, 400, 409)
    for act in ("look", "rate", "close", "release"):  # a command each: some, of every family
        with pytest.raises(CommandFailed, match="--as ID"):
            await hub.stage.command("act", hub.case, act, "reason=r")
    unknown = await hub.tokens["hub_manager"].post(hub.path("/cases/{case}/nonsense"), json={})
    assert unknown.status_code == 404
    assert "add_subject, answered" in unknown.json()["detail"]


async def test_nobody_gets_anything_without_signing_in(hub: Hub) -> None:
    async with httpx.AsyncClient(base_url=hub.stage.base_url) as nobody:
        token = csrf((await nobody.get("/desk/sign-in")).text)
        for method, pattern in AT_THE_DESK:
            data = {**GIVEN, "csrf": token} if method == "POST" else None
            got = await nobody.request(method, hub.path(pattern), data=data)
            assert (got.status_code, got.headers["location"]) == (303, "/desk/sign-in"), (method, pattern)
        for headers in ({}, {"Authorization": "Bearer guessed"}, {"Authorization": "Basic guessed"}):
            for method, pattern in BY_PROGRAM:
                got = await nobody.request(method, f"/api/v1{hub.path(pattern)}", headers=headers)
                assert got.status_code == 401, (method, pattern)


async def test_no_form_counts_without_the_token_of_our_own_page(hub: Hub) -> None:
    """T20, for every route that changes anything and is there for browsers: whoever adds one adds it to this test."""
    web = hub.members["hub_manager"]
    unsafe = {
        r.path
        for part in PARTS
        for r in part.router.routes
        if isinstance(r, APIRoute) and set(r.methods or ()) - {"GET", "HEAD"}
    }
    posts = sorted(hub.filled(path) for path in unsafe if not path.startswith("/api/"))
    assert len(posts) > 30
    token = csrf((await web.get("/desk/sign-out")).text)
    others = csrf((await hub.members["chair"].get("/desk/sign-out")).text)
    ours = {**GIVEN, "csrf": token}
    for data, headers in (
        ({}, {}),
        ({**GIVEN, "csrf": "x" * 43}, {}),
        ({**GIVEN, "csrf": others}, {}),  # of a page of ours, in another browser
        (ours, {"Origin": "https://elsewhere.example"}),
        (ours, {"Sec-Fetch-Site": "cross-site"}),
        (ours, {"Sec-Fetch-Site": "same-site"}),
    ):
        for path in posts:
            got = await web.post(path, data=data, headers=headers)
            assert got.status_code == 403, (path, headers, got.status_code)
    assert (await web.get("/desk")).status_code == 200  # and nobody was signed out


async def test_no_cookie_opens_the_programs_doors(hub: Hub) -> None:
    """T20: another site's page can make a browser send its cookies, and never a program's token."""
    web = hub.members["hub_manager"]
    for method, pattern in BY_PROGRAM:
        got = await web.request(method, f"/api/v1{hub.path(pattern)}", json=GIVEN if method == "POST" else None)
        assert got.status_code == 401, (method, pattern, got.status_code)
