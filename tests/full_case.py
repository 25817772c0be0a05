"""A case in which everything has happened once, made by posting the forms of the desk's own pages as a browser does.

`Form` is one form as it stands on a page: every control with what may be chosen in it, so that a test can say what a
browser would send, and see what a page offers.
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urlencode

from exchange.demo.actors.web_client import Page, WebClient
from exchange.demo.stage import HUB_FILE, Stage
from tests.ready import ready

PASSWORD = "a fictitious pass phrase"
STAFF = {
    "manager-1": "hub_manager", "manager-2": "decision_manager", "officer-1": "screening_officer",
    "records-1": "records_officer",
}  # fmt: skip
MORE = """
[product]
agreement = "1h"

[[agreements]]
id = "isa"
name = "Fakeshire agreement"
parties = ["police", "health", "education", "madeup-surgery"]
since = 2026-01-05
"""


@dataclass
class Control:
    """One named thing of a form: what it offers, and what stands in it."""

    name: str
    kind: str  # hidden, text, textarea, select, radio, checkbox
    offers: list[str] = field(default_factory=list)  # of a select, radios or boxes: the values
    words: list[str] = field(default_factory=list)  # beside them
    holds: list[str] = field(default_factory=list)

    @property
    def usual(self) -> list[str]:
        """What stands in it; the first one, of several of which one must be chosen."""
        must_choose = self.words[:1] == ["Choose one"] and self.holds == [""]
        return self.offers[1:2] if must_choose else self.holds


@dataclass
class Form:
    """One form as it stands on a page."""

    act: str
    controls: dict[str, Control] = field(default_factory=dict)
    is_open: bool = True  # no folded details around it
    number: str = ""  # of a part of a larger form: what the names of its controls begin with
    named: dict[str, str] = field(default_factory=dict)  # the names of its controls as they stand on the page
    whole: list[Form] = field(default_factory=list, repr=False)  # the larger form and all its parts

    def pressed(self, **answers: str | list[str]) -> dict[str, list[str]]:
        """What a browser sends when this one's button is pressed: all that stands in the larger form."""
        own = self.sent(**answers)
        found = {} if self.whole else own
        for part in self.whole:
            for name, given in (own if part is self else part.sent()).items():
                found[part.named[name]] = given
        return found | ({"on_page": [self.number]} if self.number else {})

    def sent(self, **answers: str | list[str]) -> dict[str, list[str]]:
        """What a browser sends when these are filled in; raises when the page does not offer it."""
        found = {c.name: c.usual for c in self.controls.values() if c.usual}
        for name, answer in answers.items():
            control, given = self.controls[name], [answer] if isinstance(answer, str) else answer
            for one in given:
                if control.kind in ("select", "radio", "checkbox"):
                    assert one in control.offers, (self.act, name, one, control.offers)
            found[name] = given
        return found


def forms(page: Page) -> list[Form]:
    """Every form of the page; of one that has parts, these."""
    reader = _Reader()
    reader.feed(page.html)
    return [one for one in reader.forms if one.number or not any(part.number for part in one.whole)]


def form(page: Page, act: str, **holding: str) -> Form:
    """The first form of an act that holds these (hidden) values."""
    for one in forms(page):
        if one.act == act and all(value in one.controls[name].holds for name, value in holding.items()):
            return one
    raise AssertionError(f"no form {act} with {holding}")


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._now: Form | None = None
        self._whole: list[Form] = []
        self._select: Control | None = None
        self._area: Control | None = None
        self._details: list[bool] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {k: v or "" for k, v in attrs}
        if tag == "details":
            self._details.append("open" in given)
        elif tag == "form" or "data-act" in given:
            act, is_open = given.get("data-act") or given.get("action", "").rpartition("/")[2], all(self._details)
            self._whole = [] if tag == "form" else self._whole
            self._now = Form(act, is_open=is_open, number=given["id"] if "data-act" in given else "")
            self._now.whole = self._whole
            self._whole.append(self._now)
            self.forms.append(self._now)
        elif tag == "option" and self._select:
            self._select.offers.append(given.get("value", ""))
            if "selected" in given or not self._select.holds:
                self._select.holds = [given.get("value", "")]
        elif self._now and "name" in given and tag in ("input", "select", "textarea"):
            self._control(self._now, tag, given)

    def _control(self, form: Form, tag: str, given: dict[str, str]) -> None:
        kind = given.get("type", "text") if tag == "input" else tag
        name = re.sub(rf"^{form.number}[.:]", "", given["name"]) if form.number else given["name"]
        if name not in form.named or "checked" in given:
            form.named[name] = given["name"]
        of = form.controls.setdefault(name, Control(name, kind))
        self._select = of if tag == "select" else None
        self._area = of if tag == "textarea" else None
        if kind in ("radio", "checkbox"):
            of.offers.append(given.get("value", "on"))
            of.holds += [given.get("value", "on")] if "checked" in given else []
        elif tag == "input":
            of.holds = [given.get("value", "")]

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._now = None
        if tag == "details":
            self._details.pop()
        if tag == "textarea":
            self._area = None

    def handle_data(self, data: str) -> None:
        if self._area is not None:
            self._area.holds = [data.removeprefix("\n")]
        elif self._select is not None and data.strip():
            self._select.words.append(data.strip())


async def staffed(hub: Stage, database: str = "") -> None:
    """A served hub with somebody of every kind that the journey needs."""
    file = hub.folder / "hub.toml"
    file.write_text(re.sub(r'"(\d+)s"', r'"\1m"', HUB_FILE.read_text()) + MORE)  # minutes: nothing is late by itself
    await ready(hub, file, database=database)
    secret = hub.folder / "password"
    secret.write_text(PASSWORD)
    for member, roles in STAFF.items():
        await hub.command("staff", "add", member, "--roles", roles, "--password-file", str(secret))
    await hub.serve()


async def signed_in(hub: Stage, member: str = "manager-1") -> WebClient:
    """Somebody at the desk."""
    web = WebClient(hub.base_url)
    page = await web.submit(await web.get("/desk/sign-in"), member=member, password=PASSWORD)
    assert "Not yet looked at" in page.text
    return web


async def post(
    web: WebClient, page: Page, act: str, holding: dict[str, str] | None = None, /, **answers: str | list[str]
) -> Page:
    """Fill in the form of an act as it stands on the page, and press its button."""
    sent = form(page, act, **holding or {}).pressed(**answers)
    where = f"/desk/case/{reference(page)}/{act}"
    return await asyncio.to_thread(web._fetch, where, urlencode(sent, doseq=True).encode())


def reference(page: Page) -> str:
    """Of the case on a page."""
    found = re.search(r"<title>.*?(MASH-\w{4}-\w{4})", page.html)
    assert found, page.text[:200]
    return found[1]


async def done(
    web: WebClient, page: Page, act: str, holding: dict[str, str] | None = None, /, **answers: str | list[str]
) -> Page:
    """As `post`, and it was not refused."""
    after = await post(web, page, act, holding, **answers)
    assert after.status == 200, (act, after.text[:600])
    return after


SAID = {"name": "Sergeant Made-Up", "telephone": "01632 960110", "checked": "rang back"}


KEPT = "Wholly"  # the family of `full`, kept from an agency: whoever may be one of them would wait for a person too


async def taken(web: WebClient, family: str = "Inventa") -> Page:
    """A call about two siblings and an unborn baby; the page of the case."""
    page = await web.get("/desk/telephone?subjects=3&people=2")
    return await web.submit(page, "/desk/telephone", **{
        "name": "Rita Ringer", "telephone": "01632 960180", "checked": "rang back", "rating": "amber",
        "referrer.source": "2A", "referrer.telephone": "01632 960180", "concern.immediate_danger": "no",
        "concern.what_happened": "Heard shouting at night, and glass breaking.\n"
        "The little one was outside in his pyjamas at ten, and it is not the first time this month.",
        "s1.given_name": "Mina", "s1.family_name": family, "s1.date_of_birth": "2015-05-05",
        "s1.address": "1 Nowhere Street", "s1.postcode": "ZZ99 7XY", "s1.words": "I do not want to go home",
        "s2.given_name": "Bo", "s2.family_name": family, "s2.date_of_birth": "2019-08-01",
        "s3.family_name": family, "s3.unborn": "yes", "s3.expected_date": "2027-03-02",
        "p1.name": "Ash Nobody", "p1.relationship": "Mother", "p2.name": "Ned Nobody", "p2.alleged": "yes",
    })  # fmt: skip


async def full(hub: Stage, web: WebClient) -> Page:
    """The page of a case where everything has happened once."""
    page = await taken(web, KEPT)
    who = reference(page)
    for subject, rating in (("s1", "red"), ("s2", "green"), ("s3", "amber")):
        page = await done(web, page, "rate", subject=subject, rating=rating, reason="seen by a neighbour")
    page = await done(web, page, "add_subject", form="adult", role="at_risk", given_name="Vera",
                      family_name="Virtual", worry="bruised arms, by her son",
                      reason="the caller's mother, at home too")  # fmt: skip
    page = await done(web, page, "rate", subject="s4", rating="amber", reason="frail")
    page = await done(web, page, "answered", leg="l1", answer="information", words="Two calls to the address in May",
                      own_reference="POL/2026/11", **SAID)  # fmt: skip
    page = await done(web, page, "answered", leg="l2", answer="information", words="Missed two appointments", **SAID)
    page = await done(web, page, "answered", leg="l3", answer="nothing_known", **SAID)
    page = await done(
        web, page, "answered", leg="l4", answer="decline", decline="not_remit", suggested="police", **SAID
    )
    page = await done(web, page, "ask", agency="madeup-surgery", subjects=["s2"], reason="his GP")
    page = await done(web, page, "level", subject="s1", level="4", reason="at risk")
    page = await done(web, page, "borderline", subject="s2", reason="it is not the first time")
    page = await done(web, page, "call", starts_date="2031-03-27", starts_time="14:30", subjects=["s1", "s2"],
                      agencies=["police"], reason="strategy")  # fmt: skip
    page = await done(web, page, "set_action", words="Visit the family", owner="police", subjects=["s1"],
                      due="2031-03-27")  # fmt: skip
    page = await done(web, page, "challenge", leg="l1", words="We think it is more than that", **SAID)
    sources = form(page, "product").controls["sources"].offers
    page = await done(web, page, "product", subjects=["s1"], recipients=["social_care"], sources=sources,
                      analysis="Seen together this is a pattern.",
                      **{f"wording.{s}": "Known to us." for s in sources})  # fmt: skip
    page = await done(web, page, "ask_release", product="p1", purpose="safeguard_child")
    second = await signed_in(hub, "manager-2")
    await done(
        second, await second.get(f"/desk/case/{who}"), "second_review", subject="s2", agrees="no", reason="late"
    )
    for subject, decision, more in (
        ("s1", "section_47", {}), ("s3", "early_help", {"voice": "too_young"}),
        ("s2", "nfa", {"follow_up": "2031-04-02"}),
        ("s4", "section_42", {"capacity": "did_not", "outcomes_asked": "expressed", "needs": "yes", "risk": "yes",
                              "unable": "yes", "needs_why": "frail", "risk_why": "harmed",
                              "unable_why": "bed-bound"}),
    ):  # fmt: skip
        page = await done(web, page, "decide", subject=subject, decision=decision, reason="harm is likely",
                          without_checks="yes", **{"voice": "heard", **more})  # fmt: skip
    page = await done(web, page, "hand_over", agency="social_care", subjects=["s1"], reason="they take it on")
    page = await done(web, page, "outcome", subject="s3", outcome="early_help", words="a worker visits")
    page = await done(web, page, "feedback", words="Thank you for ringing", asks="Ring again if it goes on")
    page = await done(web, page, "recall", leg="l2", reason="sent too much")
    page = await done(web, page, "hold", why="inquiry", reason="asked for") if _offers(page, "hold") else page
    page = await done(web, page, "restrict", {"kind": "agency"}, who="education", reason="a worker there is related")
    return await web.get(f"/desk/case/{who}")


def _offers(page: Page, act: str) -> bool:
    return any(f.act == act for f in forms(page))
