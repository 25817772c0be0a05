"""Asides: the pages of a referral that ask about the form itself: is there another, may we know who you are?

Each is one choice; what was chosen is kept with the draft, and decides which pages follow.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from exchange.case.journeys import ANOTHER, HOW_OLD, MAY_WE, PEOPLE, TELL_MORE, WHOM, Journey
from exchange.case.referral import MOST_PERSONS, MOST_SUBJECTS
from exchange.web import asking
from exchange.web.drafts import Draft
from templates.languages import N_, say

Option = dict[str, str]
YES_NO: tuple[Option, ...] = ({"value": "yes", "text": N_("Yes")}, {"value": "no", "text": N_("No")})


@dataclass(frozen=True, slots=True)
class Aside:
    """One such page."""

    question: str
    options: tuple[Option, ...]
    told: str  # what to do when nothing was chosen
    hint: str = ""
    keep: Callable[[Draft, str], None] = lambda draft, chosen: None
    said: Callable[[Draft], str] = lambda draft: ""

    @property
    def offered(self) -> list[Option]:
        """The choices in the language spoken."""
        return [{name: text if name == "value" else say(text) for name, text in one.items()} for one in self.options]

    @property
    def inline(self) -> bool:
        """Whether the choices stand on one line."""
        return self.options is YES_NO


def _keep_more(draft: Draft, chosen: str) -> None:
    draft.more = chosen == "yes"


_ASIDES: dict[str, Aside] = {
    ANOTHER: Aside(
        N_("Are you worried about anybody else in this family or household?"), YES_NO, N_("Choose yes or no")
    ),
    PEOPLE: Aside(
        N_("Is there anybody else we should know about?"), YES_NO, N_("Choose yes or no"),
        N_("For example a parent, a partner, or somebody who poses a risk. Tell us once, even of several children."),
    ),
    TELL_MORE: Aside(
        N_("Can you tell us more?"), YES_NO, N_("Choose yes or no"),
        N_("For example injuries, what happened before, or an assessment. If not, you are nearly done."),
        _keep_more, lambda draft: "yes" if draft.more else "",
    ),
    MAY_WE: Aside(
        N_("May we know who you are?"),
        (
            {"value": "public", "text": N_("Yes"), "hint": N_("You say only what you want to")},
            {"value": "unnamed", "text": N_("No, I want to stay unnamed"),
             "hint": N_("We take it as seriously. We can ask you more only where you come back with your code, "
                        "and cannot tell you what comes of it")},
        ),
        N_("Choose one: you may stay unnamed"), "", asking.said_who, lambda draft: draft.who,
    ),
    WHOM: Aside(
        N_("Who is this about?"),
        ({"value": "self", "text": N_("Me")}, {"value": "friend", "text": N_("A friend, or somebody else")}),
        N_("Choose one"), "", asking.said_whom, lambda draft: draft.about,
    ),
    HOW_OLD: Aside(
        N_("Is the person who may be at risk under 18?"),
        (*YES_NO, {"value": "unknown", "text": N_("I do not know")}),
        N_("Choose one: if you cannot tell, say so"), "", asking.said_how_old, lambda draft: draft.under_age,
    ),
}  # fmt: skip
_OF_A_BUSINESS = {ANOTHER: Aside(N_("Did you see anybody else who may be at risk?"), YES_NO, N_("Choose yes or no"))}


def aside(draft: Draft, step: asking.Step) -> Aside:
    """The page, as this journey puts it."""
    own = _OF_A_BUSINESS if draft.journey is Journey.BUSINESS else {}
    return own.get(step.kind) or _ASIDES[step.kind]


def repeated(draft: Draft, step: asking.Step) -> tuple[list[dict[str, str]], int, str]:
    """Who is told of so far, how many fit, and the first page about each."""
    if step.kind == ANOTHER:
        return draft.subjects, MOST_SUBJECTS, "who"
    return (draft.people, MOST_PERSONS, "person") if step.kind == PEOPLE else ([], 0, "")


def answered(draft: Draft) -> dict[str, str]:
    """What was said on these pages, by their slug: for the list of the form's parts, and for reading it back."""
    found = {kind: one.said(draft) for kind, one in _ASIDES.items()}
    return {kind: said for kind, said in found.items() if said}
