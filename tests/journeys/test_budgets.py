"""Budgets: how many pages, questions and keystrokes it takes to tell of two siblings, and so about how long.

Time is reckoned as in the keystroke-level model (Card, Moran and Newell 1980) with slow figures, for somebody who is
tired and types with two fingers; the thinking about what to write is theirs. Whoever makes a form longer makes this
test fail, and must say why.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest
import pytest_asyncio

from exchange.demo.actors.web_client import Page, WebClient
from exchange.demo.stage import Stage, stage
from tests.ready import ready

pytestmark = pytest.mark.asyncio(loop_scope="module")
SIX_MINUTES = 360.0
A_PAGE, A_QUESTION, A_CHOICE, A_KEY = 2.5, 1.0, 1.3, 0.28  # seconds: to take in and leave, read, point at, press
_INPUT = re.compile(r"<(?:input|select|textarea)\b[^>]*>")
_NAME, _HIDDEN = re.compile(r'name="([^"]+)"'), re.compile(r'type="hidden"')


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hub() -> AsyncIterator[Stage]:
    """A served hub."""
    async with stage() as made:
        await ready(made)
        await made.serve()
        yield made


@dataclass
class Effort:
    """What it took."""

    pages: int = 0
    questions: int = 0
    choices: int = 0
    keys: int = 0
    way: list[str] = field(default_factory=list)

    @property
    def seconds(self) -> float:
        """About how long that takes."""
        return A_PAGE * self.pages + A_QUESTION * self.questions + A_CHOICE * self.choices + A_KEY * self.keys

    def take(self, page: Page, answers: dict[str, str]) -> None:
        """One page is read, and answered."""
        asked = _questions(page)
        self.pages += 1
        self.way.append(page.url.rpartition("/")[2])
        self.questions += len(asked)
        for name, said in answers.items():
            typed = name.partition("__")[0] in asked and asked[name.partition("__")[0]]
            self.choices += not typed
            self.keys += len(said) if typed else 0


def _questions(page: Page) -> dict[str, bool]:
    """Each question on the page, and whether it is typed."""
    found = {}
    for tag in _INPUT.findall(page.html.partition("<main")[2]):
        name = _NAME.search(tag)
        if name and not _HIDDEN.search(tag):
            of = re.sub(r"-(day|month|year)$", "", name[1])
            found[of] = "radio" not in tag and "checkbox" not in tag and not tag.startswith("<select")
    return found


async def tell(hub: Stage, journey: str, told: dict[str, dict[str, str]]) -> Effort:
    """From the start page to the receipt; `told` is what is answered, by page, and then what is pressed."""
    web, effort = WebClient(hub.base_url), Effort()
    page = await web.get("/")
    effort.take(page, {"begin": journey})
    page = await web.submit(page, "/referral/begin", form="child", journey=journey)
    waiting = {slug: [answers] for slug, answers in told.items() if not slug.endswith("again")}
    for slug, answers in told.items():
        if slug.endswith("again"):
            waiting[slug.removesuffix(" again")].append(answers)
    for _ in range(60):
        slug = page.url.rpartition("/referral/")[2]
        if slug == "check":
            break
        answers = waiting.get(slug, [{}]).pop(0) if waiting.get(slug) else {}
        effort.take(page, answers)
        page = await web.submit(page, **answers)
        assert page.status == 200, page.text
    effort.take(page, {})
    page = await web.submit(page, "/referral/send")
    effort.take(page, {})
    assert "We have received it" in page.text
    assert not any(waiting.values()), waiting  # all of it was asked
    return effort


HAPPENED = (
    "Both came to school hungry three days this week, in the same clothes. Ada said that nobody was at home last "
    "night. Bo was shivering and cried when we asked who looks after them."
)
BORN_1 = {"date_of_birth__day": "1", "date_of_birth__month": "4", "date_of_birth__year": "2016", "sex": "female"}
BORN_2 = {"date_of_birth__day": "2", "date_of_birth__month": "9", "date_of_birth__year": "2018", "sex": "male"}
BY_A_SCHOOL = {
    "danger": {"immediate_danger": "no"},
    "who-1": {"given_name": "Ada", "family_name": "Madeup"},
    "born-1": BORN_1,
    "home-1": {"address": "3 Fake Street, Fibton", "postcode": "ZZ99 9ZZ"},
    "school-1": {"school": "Imaginary Primary"},
    "needs-1": {"gp": "Madeup Surgery"},
    "harm-1": {"category": "neglect"},
    "voice-1": {"words": "Mum is not there at night"},
    "another": {"more": "yes"},
    "who-2": {"given_name": "Bo", "family_name": "Madeup"},
    "same-2": {"all": "yes"},
    "born-2": BORN_2,
    "harm-2": {"category": "neglect"},
    "another again": {"more": "no"},
    "people": {"more": "yes"},
    "person-1": {"name": "Nora Madeup", "relationship": "mother", "lives_there": "yes"},
    "people again": {"more": "no"},
    "happened": {"what_happened": HAPPENED, "when": "this week"},
    "more": {"more": "no"},
    "consent": {"informed": "yes", "consent": "yes", "identity_known": "yes"},
    "you": {"name": "Pat Pretend", "role": "safeguarding lead", "organisation": "Imaginary Primary", "source": "2A"},
    "told": {"lead_consulted": "yes"},
    "contact": {"telephone": "01632 960170", "mail": "pat@imaginary-primary.example"},
}
BY_A_NEIGHBOUR = {
    "danger": {"immediate_danger": "no"},
    "happened": {"what_happened": HAPPENED, "when": "last night", "where": "number 14"},
    "who-1": {"given_name": "Ada", "age": "8"},
    "home-1": {"address": "14 Fake Street"},
    "another": {"more": "yes"},
    "who-2": {"given_name": "Bo", "age": "6"},
    "same-2": {"all": "yes"},
    "another again": {"more": "no"},
    "may-we-know": {"more": "public"},
    "you": {"name": "Nora Neighbour", "source": "1B"},
    "contact": {"telephone": "01632 960171", "feedback_route": "telephone"},
    "may-they-know": {"identity_known": "no"},
}
UNNAMED = {
    **{slug: said for slug, said in BY_A_NEIGHBOUR.items() if slug not in ("you", "contact", "may-they-know")},
    "may-we-know": {"more": "unnamed"},
}


@pytest.mark.parametrize(
    ("journey", "told", "pages", "questions", "keys"),
    [
        ("work", BY_A_SCHOOL, 34, 102, 480),  # with the page of files, that nobody met
        ("public", BY_A_NEIGHBOUR, 15, 36, 270),
        ("public", UNNAMED, 12, 27, 235),
    ],
    ids=["a school", "a neighbour", "somebody unnamed"],
)
async def test_two_siblings_are_told_of_in_under_six_minutes(
    hub: Stage, journey: str, told: dict[str, dict[str, str]], pages: int, questions: int, keys: int
) -> None:
    effort = await tell(hub, journey, told)
    found = (effort.pages, effort.questions, effort.keys, round(effort.seconds), effort.way)
    assert effort.seconds < SIX_MINUTES, found
    assert effort.pages <= pages, found
    assert effort.questions <= questions, found
    assert effort.keys <= keys, found
