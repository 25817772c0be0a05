"""Each decision and each specialist route through the door, by API, desk and command: which clocks run, what nobody
may forget, what is still to do, and what the referrer reads and is written."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
import pytest_asyncio

from exchange.demo.actors.mail_client import MailClient
from exchange.demo.actors.web_client import WebClient
from exchange.demo.stage import CommandFailed, Stage, stage
from tests.full_case import done, signed_in, staffed
from tests.ready import token_of

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(600)]
REFERRER = MailClient("pat.placeholder@madeupton.example")
SUBJECTS = {
    "child": {"given_name": "Canary-tilly", "date_of_birth": "2016-04-01", "words": "I am frightened"},
    "adult": {"given_name": "Canary-vera", "date_of_birth": "1960-04-01", "words": "I want it to stop"},
}
SAFELY = "Contact the victim only in ways that are safe; the other person is never told."
CHANNEL = "Feedback is often withheld; Channel needs consent to support."
EMPLOYER = "Not to the employer unless a manager says so."
BACK = "Start the return interview’s clock when they are back."
ADULT: dict[str, Any] = {"capacity": "did_not", "outcomes_asked": "expressed"}
LIMBS: dict[str, Any] = {
    **{limb: "yes" for limb in ("needs", "risk", "unable")},
    "needs_why": "frail", "risk_why": "struck", "unable_why": "cannot leave her bed",
}  # fmt: skip


@dataclass(frozen=True)
class Row:
    """One way that a case may go, and what stands outside when it has gone it."""

    decision: str
    shown: str  # on the case page
    form: str = "child"
    routes: tuple[str, ...] = ()
    given: dict[str, Any] = field(default_factory=dict)
    clocks: frozenset[str] = frozenset()
    warns: tuple[str, ...] = ()
    discreet: bool = False  # the referrer reads that it is dealt with, and not what was decided
    to_do: frozenset[str] = frozenset({"hand_over"})


NOBODY: frozenset[str] = frozenset()
IN_TRUST = frozenset({"hand_over", "employer"})
ROWS = {
    "nfa": Row("nfa", "No further action", to_do=NOBODY),
    "advice": Row("advice", "Information and advice", to_do=NOBODY),
    "early help": Row("early_help", "Early help (family help)"),
    "s17": Row("assessment", "Assessment (section 17)", clocks=frozenset({"assessment"})),
    "s47": Row(
        "section_47", "Strategy discussion and section 47 enquiry", clocks=frozenset({"strategy_discussion"})
    ),
    "s42": Row("section_42", "Adult safeguarding enquiry (section 42)", "adult", given=LIMBS,
               clocks=frozenset({"adult_strategy"})),
    "other enquiry": Row("other_enquiry", "Other safeguarding enquiry", "adult"),
    "open case": Row("open_case", "To the allocated worker of an open case"),
    "MARAC decided": Row("marac", "MARAC", "adult", warns=(SAFELY,), discreet=True),
    "MARAC beside": Row("early_help", "Early help (family help)", routes=("marac",), warns=(SAFELY,), discreet=True),
    "CSE and missing": Row("assessment", "Assessment (section 17)", routes=("exploitation", "missing"),
                           clocks=frozenset({"assessment"}), warns=(BACK,)),
    "Prevent decided": Row("prevent", "Prevent", warns=(CHANNEL,), discreet=True),
    "Prevent beside": Row("advice", "Information and advice", "adult", routes=("prevent",), warns=(CHANNEL,),
                          discreet=True, to_do=NOBODY),
    "LADO decided": Row("lado", "Designated officer (LADO)", clocks=frozenset({"lado"}), warns=(EMPLOYER,),
                        discreet=True, to_do=IN_TRUST),
    "LADO beside": Row("section_47", "section 47 enquiry", routes=("lado",), warns=(EMPLOYER,), discreet=True,
                       clocks=frozenset({"strategy_discussion", "lado"}), to_do=IN_TRUST),
    "PiPoT": Row("other_enquiry", "Other safeguarding enquiry", "adult", routes=("person_in_trust",),
                 warns=(EMPLOYER,), discreet=True, to_do=IN_TRUST),
    "hate crime": Row("section_42", "Hate crime", "adult", routes=("hate_crime",), given=LIMBS,
                      clocks=frozenset({"adult_strategy"})),
    "FGM": Row("assessment", "Female genital mutilation", routes=("fgm",),
               clocks=frozenset({"assessment", "fgm_report"})),
    "NRM": Row("assessment", "Modern slavery (National Referral Mechanism)", routes=("modern_slavery",),
               clocks=frozenset({"assessment"})),
}  # fmt: skip
TOLD = {  # by what was decided, what a professional reads
    "nfa": "we will not take this further", "advice": "we will give information and advice",
    "early_help": "early help (family help) will be offered", "assessment": "a social worker will make an assessment",
    "section_47": "a strategy discussion and a child protection enquiry",
    "section_42": "an adult safeguarding enquiry", "other_enquiry": "another kind of safeguarding enquiry",
    "open_case": "a worker already has this in hand",
}  # fmt: skip
WAYS = ("api", "desk", "command")


@dataclass
class Scene:
    """A served hub, a manager at the desk, and the manager's own program."""

    stage: Stage
    web: WebClient
    api: httpx.AsyncClient


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=["sqlite", "postgresql"])
async def scene(request: pytest.FixtureRequest) -> AsyncIterator[Scene]:
    """On each kind of database."""
    database = request.getfixturevalue("cluster").new_database() if request.param == "postgresql" else ""
    async with stage() as made:
        await staffed(made, database=database)
        token = await token_of(made, "manager-7", "hub_manager", "manager-7")
        url, headers = f"{made.base_url}/api/v1", {"Authorization": f"Bearer {token}"}
        async with httpx.AsyncClient(base_url=url, headers=headers, timeout=60) as api:
            yield Scene(made, await signed_in(made), api)


async def rated(scene: Scene, form: str) -> tuple[str, str]:
    """(reference, receipt code) of a case that a school referred, and that was read and rated."""
    referral = {
        "form": form,
        "referrer": {"name": "Pat Placeholder", "source": "2A", "telephone": "01632 960170", "mail": REFERRER.address,
                     "mail_shared": "no", "feedback_route": "mail"},
        "concern": {"immediate_danger": "no", "what_happened": "Canary-worry"},
        "subjects": [SUBJECTS[form]],
    }  # fmt: skip
    made = (await scene.api.post("/referrals", json=referral)).json()
    for act, given in (
        ("look", {"rating": "amber"}), ("rate", {"subject": "s1", "rating": "amber", "reason": "r"}),
    ):  # fmt: skip
        assert (await scene.api.post(f"/cases/{made['reference']}/{act}", json=given)).status_code == 200
    return made["reference"], made["receipt_code"]


def values_of(row: Row) -> dict[str, Any]:
    """What a manager says who decides so."""
    given = {"decision": row.decision, "reason": "Canary-why", **(ADULT if row.form == "adult" else {}), **row.given}
    return {**given, "routes": list(row.routes)} if row.routes else given


async def decide(scene: Scene, way: str, reference: str, given: dict[str, Any]) -> str:
    """By one of the three doors; why not, where it is refused."""
    if way == "api":
        body = {"subject": "s1", "without_checks": True, **given}
        got = await scene.api.post(f"/cases/{reference}/decide", json=body)
        return "" if got.status_code == 200 else str(got.json()["detail"])
    if way == "desk":
        page = await scene.web.get(f"/desk/case/{reference}")
        got_page = await scene.web.submit(page, "/decide", subject="s1", without_checks="yes", **given)
        return "" if got_page.status == 200 else got_page.text
    said = [f"{name}={one}" for name, value in given.items() if name not in ("decision", "reason")
            for one in (value if isinstance(value, list) else [value])]  # fmt: skip
    try:
        await scene.stage.command("decide", reference, "s1", given["decision"], *said, "--reason", given["reason"],
                                  "--without-checks", "--as", "manager-1")  # fmt: skip
    except CommandFailed as refused:
        return str(refused)
    return ""


async def news_for_referrer(scene: Scene, before: int) -> list[str]:
    """What they were written since, once there is something."""
    for _ in range(400):
        mails = scene.stage.relay.mails(REFERRER.address)[before:]
        if mails:
            return [REFERRER.open(m.content).text for m in mails]
        await asyncio.sleep(0.05)
    raise AssertionError("the referrer hears nothing")


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", ROWS)
async def test_a_decision_and_its_routes_stand_where_they_should_and_nowhere_else(
    scene: Scene, name: str, way: str
) -> None:
    row = ROWS[name]
    reference, code = await rated(scene, row.form)
    written = len(scene.stage.relay.mails(REFERRER.address))
    assert await decide(scene, way, reference, values_of(row)) == ""
    told = (await scene.api.get(f"/cases/{reference}")).json()
    subject = told["case"]["subjects"][0]
    assert (subject["decisions"][-1]["code"], tuple(subject["decisions"][-1]["routes"])) == (row.decision, row.routes)
    assert {m["name"] for m in subject["milestones"] if m["progress"] == "running"} == row.clocks
    assert {t["kind"] for t in told["tasks"]} & {"hand_over", "employer"} == row.to_do
    assert tuple(told["warnings"]["s1"]) == row.warns
    page = await scene.web.get(f"/desk/case/{reference}")
    assert row.shown in page.text
    shown = await scene.stage.command("show", reference) if way == "command" else page.text
    for warning in (SAFELY, CHANNEL, EMPLOYER, BACK):
        assert (warning in page.text, warning in shown) == (warning in row.warns,) * 2
    # Nobody is sent what was decided: agencies have their packets, and hear when they are asked to take it on.
    assert {x["letter"] for x in told["letters"]} <= {"packet", "receipt", "accepted", "outcome", "reminder"}
    visitor = WebClient(scene.stage.base_url)
    receipt = await visitor.submit(await visitor.get("/receipt"), code=code)
    assert ("It is being dealt with" in receipt.text) is row.discreet
    assert {one for one, words in TOLD.items() if words in receipt.text} == (
        set() if row.discreet else {row.decision}
    )
    for words in (receipt.text, *await news_for_referrer(scene, written)):
        assert "Canary" not in words
        for secret in ("MARAC", "Prevent", "LADO", "trust", *row.warns):
            assert secret not in words


@pytest.mark.parametrize("way", WAYS)
async def test_what_no_law_allows_is_refused_and_nothing_is_decided(scene: Scene, way: str) -> None:
    child, _ = await rated(scene, "child")
    adult, _ = await rated(scene, "adult")
    s42 = values_of(ROWS["s42"])
    for reference, given, why in (
        (adult, {**ADULT, "decision": "other_enquiry", "routes": ["fgm"]}, "no route for an adult"),
        (adult, {**ADULT, "decision": "section_47"}, "cannot be decided of an adult"),
        (adult, {"decision": "other_enquiry", "outcomes_asked": "expressed"}, "capacity"),
        (adult, {"decision": "other_enquiry", "capacity": "did_not"}, "what they want"),
        (adult, {**s42, "needs": "no"}, "limb"), (adult, {**s42, "risk": "no"}, "limb"),
        (adult, {**s42, "unable": "no"}, "limb"),
        (child, {"decision": "section_42", **LIMBS}, "cannot be decided of a child"),
        (child, {"decision": "advice", "routes": ["person_in_trust"]}, "no route for a child"),
        (child, {"decision": "nfa", "routes": ["prevent"]}, "takes no route"),
        (child, {"decision": "transfer"}, "nobody in the other area has accepted it"),
    ):  # fmt: skip
        refused = await decide(scene, way, reference, {"reason": "r", **given})
        assert why in refused.lower(), (given, refused)
    for reference in (child, adult):
        told = (await scene.api.get(f"/cases/{reference}")).json()
        assert told["case"]["subjects"][0]["decisions"] == []


async def test_who_was_missing_is_back_and_the_return_interview_has_its_72_hours(scene: Scene) -> None:
    reference, _ = await rated(scene, "child")
    assert await decide(scene, "api", reference, values_of(ROWS["CSE and missing"])) == ""
    back = (datetime.now(UTC) - timedelta(hours=1)).replace(microsecond=0)
    clock = {"subject": "s1", "clock": "return_interview", "reason": "came home"}
    future = await scene.api.post(f"/cases/{reference}/start_clock", json={**clock, "since": "2099-03-27T14:30"})
    assert future.status_code in (400, 409)
    started = await scene.api.post(f"/cases/{reference}/start_clock", json={**clock, "since": back.isoformat()})
    assert started.status_code == 200, started.text
    told = (await scene.api.get(f"/cases/{reference}")).json()
    found = next(m for m in told["case"]["subjects"][0]["milestones"] if m["name"] == "return_interview")
    assert datetime.fromisoformat(found["due"]) == back + timedelta(hours=72)
    page = await scene.web.get(f"/desk/case/{reference}")
    assert "Return interview" in page.text
    closing = await scene.api.post(f"/cases/{reference}/close", json={"reason": "done"})
    assert (closing.status_code, "s1 return_interview" in closing.json()["detail"]) == (409, True)
    page = await done(scene.web, page, "clock_met", subject="s1", clock="return_interview", reason="held by Ann")
    told = json.loads(await scene.stage.command("show", reference, "--json"))
    found = next(m for m in told["case"]["subjects"][0]["milestones"] if m["name"] == "return_interview")
    assert found["progress"] == "met"
