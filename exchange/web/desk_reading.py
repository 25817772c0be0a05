"""What a machine read from a form, beside the form: proposed to whoever types it in, and compared after it was taken.

Nothing read is stored a second time: the mail is read again each time somebody looks, so that what was read stands
beside the very original, and goes with it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from exchange.case.fields import BY_KEY, Field, Kind
from exchange.case.state import Case
from exchange.desk import Desk
from exchange.holding_pen import Held, HoldingPen
from exchange.policy import Action, Viewer, require
from exchange.web import asking
from exchange.web.context import site_of
from exchange.web.sign_in import menu, viewer_of
from mailflow.forms import Found, Value, left_out, structured
from mailflow.forms.as_code import AMBIGUOUS, CHOSEN, TYPED, UNCLEAR
from templates.disclosed import read_as

router = APIRouter()
_LISTS = {"subjects": ("s", "subject"), "household": ("p", "person")}
_NONE = Found()
_WHOSE = {"s": "Person {} at risk", "p": "Person {} in their life"}
_SECTIONS = {"concern": "The concern", "consent": "Consent", "referrer": "Who wrote it"}


@dataclass(frozen=True, slots=True)
class Read:
    """One answer of a form: where it belongs on a page, and how it came to be read so."""

    control: str  # "s1.given_name", as the pages name it
    asked: Field
    value: Value = field(repr=False)

    @property
    def whose(self) -> str:
        """Whose answer it is, in words."""
        owner = self.control.partition(".")[0]
        return _WHOSE[owner[0]].format(owner[1:]) if owner[1:].isdigit() else _SECTIONS[owner]

    @property
    def said(self) -> str:
        """As a person reads it."""
        return self.asked.say(str(self.value.value))

    @property
    def how(self) -> str:
        """Where it stood, and how surely it is what was meant."""
        return f"{self.value.source}. {sure(self.value)}"


@dataclass(frozen=True, slots=True)
class Original:
    """What came, and what was read of it."""

    mails: tuple[Held, ...] = ()
    form: str = ""  # "child" | "adult", as the form says
    answers: tuple[Read, ...] = field(default=(), repr=False)
    not_read: tuple[str, ...] = ()

    @property
    def values(self) -> asking.Values:
        """As the inputs of a page take them."""
        found: asking.Values = {"form": self.form} if self.form else {}
        for one in self.answers:
            text = str(one.value.value)
            found[one.control] = one.asked.chosen(text) if one.asked.kind is Kind.SEVERAL else text
        for letter, name in (("s", "subjects"), ("p", "people")):
            found[name] = str(max([int(n) for n in _numbers(self.answers, letter)], default=1))
        return found

    @property
    def hints(self) -> dict[str, str]:
        """What to know of each answer, by the name of its input."""
        return {one.control: one.how for one in self.answers}


def sure(value: Value) -> str:
    """How surely a value is what was meant, in words and as a share."""
    share = f"{value.confidence:.0%} sure"
    if value.confidence <= UNCLEAR:
        return f"Not understood ({share}): ask what was meant by “{value.written or value.value}”"
    if value.confidence < AMBIGUOUS:
        return f"The form was unlocked ({share}): words may stand beside the box"
    if value.confidence < TYPED:
        return f"Written “{value.written}” ({share}): is that the day first?"
    if value.confidence < CHOSEN:
        return f"Written “{value.written}” ({share})" if value.written else f"Typed ({share})"
    return f"Chosen ({share})" if value.confidence == CHOSEN else f"Sent by a program ({share})"


def read_of(found: Found) -> Iterator[Read]:
    """The answers among what was read, in the order in which questions are asked."""
    order = {key: place for place, key in enumerate(BY_KEY)}
    answers = [one for value in found.values if (one := _read(value))]
    yield from sorted(answers, key=lambda one: (_place(one.control), order[one.asked.key]))


def _read(value: Value) -> Read | None:
    parts = value.path.split(".")
    if parts[0] in _LISTS and len(parts) == 3 and parts[1].isdecimal():
        letter, section = _LISTS[parts[0]]
        asked, control = BY_KEY.get(f"{section}.{parts[2]}"), f"{letter}{parts[1]}.{parts[2]}"
    else:
        asked, control = BY_KEY.get(value.path), value.path
    return Read(control, asked, value) if asked and isinstance(value.value, str) else None


def _place(control: str) -> tuple[int, int]:
    owner = control.partition(".")[0]
    return ("spccr".index(owner[0]), int(owner[1:]) if owner[1:].isdigit() else len(owner))


def _numbers(answers: tuple[Read, ...], letter: str) -> Iterator[str]:
    owners = (one.control.partition(".")[0] for one in answers)
    return (owner[1:] for owner in owners if owner[0] == letter and owner[1:].isdigit())


async def original_of(request: Request, viewer: Viewer, case: Case) -> Original:
    """What came by mail for this case, and the first form in it that could be read. Raises Forbidden."""
    site = site_of(request)
    mails = await HoldingPen(site.hub, site.room, viewer).of_case(case)
    found = next((one for held in mails if (one := structured(held.content)).data is not None), _NONE)
    says = found.data.get("form", "child") if isinstance(found.data, dict) else ""
    not_read = tuple(dict.fromkeys(why for held in mails for why in left_out(held.content)))
    return Original(mails, says if says in ("child", "adult") else "", tuple(read_of(found)), not_read)


@router.get("/desk/case/{reference}/compare")
async def compare(request: Request, reference: str) -> Response:
    """Every value that was read from a form, with where it stood and how sure that is, beside the form."""
    viewer, site = await viewer_of(request), site_of(request)
    require(viewer, Action.TRANSCRIBE)
    case = await Desk(site.hub, viewer).case(reference)
    original = await original_of(request, viewer, case)
    return await site.page(
        request, "desk/compare", title=f"Compare {case.reference}", navigation=menu(request), signed_in_as=viewer.id,
        case=case, original=original, rows=_rows(original), once=site.hub.chance.id(),
    )  # fmt: skip


def _rows(original: Original) -> dict[str, list[dict[str, Any]]]:
    """The answers of each person or part, the least sure first."""
    found: dict[str, list[dict[str, Any]]] = {}
    for one in sorted(original.answers, key=lambda one: one.value.confidence):
        row = {"question": read_as(one.asked), "said": one.said, "how": one.how,
               "doubtful": one.value.confidence < TYPED}  # fmt: skip
        found.setdefault(one.whose, []).append(row)
    return {whose: found[whose] for whose in dict.fromkeys(one.whose for one in original.answers)}
